// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import loggy.connect.forward.ChunkWindow.Seen;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

class DeduplicationTest {
    private static final byte[] CHUNK = Packed.packed("t", List.of(List.of(1, Map.of("k", "v"))), Map.of("chunk", "c"));

    @Test
    void windowForgetsTheOldestIds() {
        ChunkWindow<String> window = new ChunkWindow<>(2);
        for (String id : List.of("a", "b", "c")) {
            assertEquals(Seen.NEW, window.arrive(id, "first"));
            assertEquals(List.of(), window.commit(id));
        }
        assertEquals(Seen.COMMITTED, window.arrive("b", "again"));
        assertEquals(Seen.NEW, window.arrive("a", "again"));
    }

    @Test
    void refusedChunkIsNewWhenItComesAgain() {
        ChunkWindow<String> window = new ChunkWindow<>(2);
        window.arrive("a", "first");
        assertEquals(Seen.IN_FLIGHT, window.arrive("a", "second"));
        assertEquals(List.of("second"), window.forget("a"));
        assertEquals(Seen.NEW, window.arrive("a", "third"));
    }

    @Test
    void withoutDeduplicationEachSendingIsProducedAndAcknowledged() throws Exception {
        try (RunningTask task = new RunningTask(); ForwardClient client = task.connect()) {
            client.send(CHUNK);
            client.send(CHUNK);
            List<SourceRecord> records = task.poll(2);
            assertEquals(2, records.size());
            task.commit(records);
            assertEquals("c", client.ack());
            assertEquals("c", client.ack());
        }
    }

    @Test
    void committedChunkIsAcknowledgedAtOnceAndNotProducedAgain() throws Exception {
        try (RunningTask task = new RunningTask("deduplicate.chunks", "10")) {
            try (ForwardClient client = task.connect()) {
                client.send(CHUNK);
                task.commit(task.poll(1));
                assertEquals("c", client.ack());
            }
            try (ForwardClient client = task.connect()) {
                client.send(CHUNK);
                assertEquals("c", client.ack());
                assertNull(task.task.poll());
                assertEquals(1, task.metric("ChunksDuplicate"));
            }
        }
    }

    @Test
    void chunkGivenTwiceWhileInFlightIsProducedOnceAndAcknowledgedTwiceAfterItsCommit() throws Exception {
        try (RunningTask task = new RunningTask("deduplicate.chunks", "10"); ForwardClient first = task.connect();
             ForwardClient second = task.connect()) {
            first.send(CHUNK);
            List<SourceRecord> records = task.poll(1);
            second.send(CHUNK);
            assertTrue(task.becomes(() -> task.metric("ChunksDuplicate") == 1));
            assertTrue(second.isSilentFor(300));
            task.commit(records);
            assertEquals("c", first.ack());
            assertEquals("c", second.ack());
            assertNull(task.task.poll());
            assertTrue(task.becomes(() -> task.metric("BytesWaiting") == 0));
        }
    }
}
