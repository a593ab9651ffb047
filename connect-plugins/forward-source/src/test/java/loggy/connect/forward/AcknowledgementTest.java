// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

class AcknowledgementTest {
    private static final int SILENCE_MILLIS = 300;
    private static final List<Object> TWO = List.of(
        List.of(1, Map.of("n", 1)), List.of(Packed.eventTime(2, 3), Map.of("n", 2)));

    @Test
    void everyModeIsReadAndAcknowledgedAfterTheLastCommit() throws Exception {
        Map<String, byte[]> modes = Map.of(
            "message", Packed.message("a.b", 1, Map.of("n", 1), Map.of("chunk", "message")),
            "forward", Packed.forward("a.b", TWO, Map.of("chunk", "forward")),
            "packed", Packed.packed("a.b", TWO, Map.of("chunk", "packed")),
            "compressed", Packed.compressed("a.b", TWO, Map.of("chunk", "compressed")));
        try (RunningTask task = new RunningTask(); ForwardClient client = task.connect()) {
            for (Map.Entry<String, byte[]> mode : modes.entrySet()) {
                client.send(mode.getValue());
                int events = mode.getKey().equals("message") ? 1 : 2;
                List<SourceRecord> records = task.poll(events);
                assertEquals(events, records.size(), mode.getKey());
                task.commit(records.subList(0, events - 1));
                assertTrue(client.isSilentFor(SILENCE_MILLIS), mode.getKey() + " was acknowledged before the last commit");
                task.commit(records.subList(events - 1, events));
                assertEquals(mode.getKey(), client.ack());
            }
        }
    }

    @Test
    void recordsCarryTagChunkPeerTimeAndEventId() throws Exception {
        try (RunningTask task = new RunningTask(); ForwardClient client = task.connect()) {
            client.send(Packed.packed("a.b", TWO, Map.of("chunk", "c1\n")));
            SourceRecord record = task.poll(2).get(1);
            assertEquals("a.b", record.topic());
            assertEquals("{\"n\":2}", RunningTask.json(record));
            assertEquals(2000, record.timestamp());
            assertEquals("c1:1", RunningTask.header(record, "event.id"));
            assertEquals("c1", RunningTask.header(record, "forward.chunk"));
            assertEquals("a.b", RunningTask.header(record, "forward.tag"));
            assertEquals("1970-01-01T00:00:02.000000003Z", RunningTask.header(record, "event.time"));
            assertTrue(RunningTask.header(record, "forward.peer").matches("127\\.0\\.0\\.1:\\d+"));
        }
    }

    @Test
    void chunkIdIsSentBackUnchanged() throws Exception {
        try (RunningTask task = new RunningTask(); ForwardClient client = task.connect()) {
            client.send(Packed.packed("t", TWO, Map.of("chunk", "YWJj\n")));
            task.commit(task.poll(2));
            assertEquals("YWJj\n", client.ack());
        }
    }

    @Test
    void withoutChunkThereIsNoAcknowledgementAndNoEventId() throws Exception {
        try (RunningTask task = new RunningTask(); ForwardClient client = task.connect()) {
            client.send(Packed.forward("t", TWO, null));
            List<SourceRecord> records = task.poll(2);
            assertNull(RunningTask.header(records.get(0), "event.id"));
            assertNull(RunningTask.header(records.get(0), "forward.chunk"));
            task.commit(records);
            assertTrue(client.isSilentFor(SILENCE_MILLIS));
            assertTrue(task.becomes(() -> task.metric("BytesWaiting") == 0));
        }
    }

    @Test
    void chunkWithoutEventsIsAcknowledgedAtOnce() throws Exception {
        try (RunningTask task = new RunningTask(); ForwardClient client = task.connect()) {
            client.send(Packed.forward("t", List.of(), Map.of("chunk", "empty")));
            assertEquals("empty", client.ack());
            client.send(Packed.packed("t", List.of(), Map.of("chunk", "packed")));
            assertEquals("packed", client.ack());
            client.send(Packed.packed("t", List.of(Packed.listOf(1, null)), Map.of("chunk", "nil record")));
            assertEquals("nil record", client.ack());
        }
    }

    @Test
    void recordCommittedTwiceCountsOnce() throws Exception {
        try (RunningTask task = new RunningTask(); ForwardClient client = task.connect()) {
            client.send(Packed.packed("t", TWO, Map.of("chunk", "c")));
            List<SourceRecord> records = task.poll(2);
            task.commit(records.subList(0, 1));
            task.commit(records.subList(0, 1));
            assertTrue(client.isSilentFor(SILENCE_MILLIS));
        }
    }

    @Test
    void stoppedTaskAcknowledgesOnlyWhatWasCommittedAndFreesItsPort() throws Exception {
        RunningTask first = new RunningTask();
        try (ForwardClient client = first.connect()) {
            client.send(Packed.packed("t", TWO, Map.of("chunk", "done")));
            client.send(Packed.packed("t", TWO, Map.of("chunk", "unfinished")));
            List<SourceRecord> records = first.poll(4);
            first.commit(records.subList(0, 3));
            first.close();
            assertEquals("done", client.ack());
            assertTrue(client.isClosedByServer());
            first.commit(records.subList(3, 4));
        }
        try (RunningTask second = new RunningTask("listen.ports", String.valueOf(first.port));
             ForwardClient client = second.connect()) {
            client.send(Packed.packed("t", TWO, Map.of("chunk", "unfinished")));
            second.commit(second.poll(2));
            assertEquals("unfinished", client.ack());
        }
    }

    @Test
    void recordsThatLookAlikeAreNotEqual() throws Exception {
        // A worker with exactly-once support keeps the records of a transaction in a map.
        try (RunningTask task = new RunningTask("value.format", "map"); ForwardClient client = task.connect()) {
            client.send(Packed.forward("t", List.of(List.of(1, Map.of("n", 1)), List.of(1, Map.of("n", 1))), null));
            assertEquals(2, new HashSet<>(task.poll(2)).size());
        }
    }
}
