// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

class BackPressureTest {
    private static final int LIMIT = 200_000;
    private static final int NETWORK_BUFFER = 65_536;

    /** A reader that only notes that it may read. */
    private static final class Noted implements Budget.Reader {
        int reads;
        boolean inside;

        @Override
        public void read() {
            reads++;
        }

        @Override
        public boolean isInsideMessage() {
            return inside;
        }
    }

    @Test
    void whoWaitedLongestReadsFirst() {
        Budget budget = new Budget(100);
        Noted greedy = new Noted();
        Noted late = new Noted();
        budget.request(greedy);
        budget.took(100);
        budget.chunkBegun();
        budget.request(late);
        budget.request(greedy);
        assertEquals(0, late.reads);
        assertEquals(1, greedy.reads);
        budget.gave(1);
        assertEquals(1, late.reads);
        assertEquals(2, greedy.reads);
    }

    @Test
    void oneUnfinishedMessageAtATimeMayPassTheLimitWhenNothingElseCanFreeIt() {
        Budget budget = new Budget(100);
        Noted first = new Noted();
        Noted second = new Noted();
        first.inside = second.inside = true;
        budget.took(100);
        budget.request(first);
        budget.request(second);
        assertEquals(List.of(1, 0), List.of(first.reads, second.reads));
        budget.took(50);
        budget.request(first);
        assertEquals(List.of(2, 0), List.of(first.reads, second.reads));
        budget.left(first);
        budget.gave(100);
        assertEquals(1, second.reads);
    }

    @Test
    void finishedChunkEndsThePrivilege() {
        Budget budget = new Budget(100);
        Noted first = new Noted();
        first.inside = true;
        budget.took(100);
        budget.request(first);
        budget.chunkBegun();
        first.inside = false;
        budget.request(first);
        assertEquals(1, first.reads);
        budget.chunkEnded(100);
        assertEquals(2, first.reads);
    }

    @Test
    void readingStopsAtTheLimitAndGoesOnAfterCommits() throws Exception {
        byte[] message = Packed.packed("t", List.of(List.of(1, Map.of("k", "v".repeat(10_000)))), Map.of("chunk", "c"));
        int messages = 100;
        try (RunningTask task = new RunningTask("buffer.max.bytes", String.valueOf(LIMIT), "message.max.bytes", "100000",
            "decompressed.max.bytes", "100000"); ForwardClient client = task.connect();
             ForwardClient other = task.connect()) {
            Thread sender = new Thread(() -> sendAll(client, message, messages));
            sender.start();
            assertTrue(task.becomes(() -> task.metric("BytesWaiting") >= LIMIT));
            other.send(Packed.packed("t", List.of(List.of(1, Map.of("k", "other"))), Map.of("chunk", "other")));
            List<SourceRecord> records = new ArrayList<>();
            boolean otherSeen = false;
            for (int committed = 0; committed < messages + 1; committed += records.size()) {
                records = task.poll(1);
                otherSeen |= records.stream().anyMatch(record -> RunningTask.json(record).contains("other"));
                assertTrue(task.metric("BytesWaiting") <= LIMIT + 2 * NETWORK_BUFFER,
                    task.metric("BytesWaiting") + " bytes waiting");
                assertFalse(records.isEmpty(), "stalled after " + committed);
                task.commit(records);
            }
            assertTrue(otherSeen);
            assertEquals("other", other.ack());
            for (int i = 0; i < messages; i++) {
                assertEquals("c", client.ack());
            }
            sender.join();
            assertTrue(task.becomes(() -> task.metric("BytesWaiting") == 0));
        }
    }

    @Test
    void peerThatReadsNoAcknowledgementsIsReadNoFurther() throws Exception {
        byte[] empty = Packed.forward("t", List.of(), Map.of("chunk", "x".repeat(1000)));
        try (RunningTask task = new RunningTask(); ForwardClient client = task.connect()) {
            Thread sender = new Thread(() -> sendAll(client, empty, 50_000));
            sender.setDaemon(true);
            sender.start();
            sender.join(2000);
            long read = task.metric("BytesRead");
            assertTrue(sender.isAlive(), "all was read");
            assertEquals(read, task.metric("BytesRead"), 1_000_000);
        }
    }

    private static void sendAll(ForwardClient client, byte[] message, int times) {
        try {
            for (int i = 0; i < times; i++) {
                client.send(message);
            }
        } catch (IOException e) {
            // The task was stopped before the sender was done, which the second test means to.
            assertFalse(e.getMessage().isEmpty());
        }
    }
}
