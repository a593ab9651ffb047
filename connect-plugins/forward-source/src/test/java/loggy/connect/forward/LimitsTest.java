// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import loggy.connect.forward.Refusal.Reason;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

class LimitsTest {
    private static final Map<String, String> CHUNK = Map.of("chunk", "c");
    private static final List<Object> ONE = List.of(List.of(1, Map.of("k", "v")));

    private static Reason refusal(Limits limits, byte[] bytes) {
        return assertThrows(Refusal.class, () -> Decoding.json(limits).records(bytes)).reason;
    }

    @Test
    void claimedSizeIsRefusedBeforeTheBytesAreThere() {
        Limits limits = new Limits(1000, 1000, 1000, 10);
        Framer framer = new Framer(limits);
        framer.feed(ByteBuffer.wrap(new byte[] {(byte) 0x92, (byte) 0xa1, 't', (byte) 0xdb, 0x7f, -1, -1, -1}));
        assertEquals(Reason.TOO_LARGE, assertThrows(Refusal.class, framer::next).reason);
        byte[] elements = {(byte) 0x92, (byte) 0xa1, 't', (byte) 0xdd, -1, -1, -1, -1};
        assertEquals(Reason.TOO_LARGE, refusal(limits, elements));
    }

    @Test
    void messageOfExactlyTheLimitIsRead() {
        byte[] bytes = Packed.packed("t", ONE, CHUNK);
        assertEquals(1, Decoding.json(new Limits(bytes.length, 1000, 1000, 10)).records(bytes).size());
        assertEquals(Reason.TOO_LARGE, refusal(new Limits(bytes.length - 1, 1000, 1000, 10), bytes));
    }

    @Test
    void decompressedSizeIsLimited() {
        byte[] bytes = Packed.compressed("t", List.of(List.of(1, Map.of("k", "v".repeat(100_000)))), CHUNK);
        assertTrue(bytes.length < 2000);
        assertEquals(Reason.TOO_LARGE, refusal(new Limits(2000, 100_000, 200_000, 10), bytes));
        assertEquals(1, Decoding.json(new Limits(2000, 101_000, 200_000, 10)).records(bytes).size());
    }

    @Test
    void nestingIsLimitedInEveryMode() {
        Object nested = "leaf";
        for (int i = 0; i < 4; i++) {
            nested = Map.of("k", nested);
        }
        Object record = nested;
        List<Object> entries = List.of(List.of(1, record));
        for (byte[] bytes : List.of(Packed.message("t", 1, record, null), Packed.forward("t", entries, null),
            Packed.packed("t", entries, null), Packed.compressed("t", entries, null))) {
            assertEquals(1, Decoding.json(new Limits(1000, 1000, 1000, 4)).records(bytes).size());
            assertEquals(Reason.TOO_DEEP, refusal(new Limits(1000, 1000, 1000, 3), bytes));
        }
    }

    @Test
    void deepNestingDoesNotOverflowTheStack() {
        byte[] bytes = new byte[100_000];
        java.util.Arrays.fill(bytes, (byte) 0x91);
        assertEquals(Reason.TOO_DEEP, refusal(new Limits(1 << 20, 1000, 1000, 512), bytes));
    }

    @Test
    void eventLargerThanAllowedIsRefusedAsMsgpackAndAsJson() {
        byte[] large = Packed.message("t", 1, Map.of("k", "v".repeat(500)), null);
        byte[] largeAsJson = Packed.message("t", 1, Map.of("k", "\u0001".repeat(200)), null);
        Limits limits = new Limits(1000, 1000, 400, 4);
        assertEquals(Reason.TOO_LARGE, assertThrows(Refusal.class, () -> Decoding.json(limits).messages(large, 9)).reason);
        assertEquals(1, Decoding.json(limits).messages(largeAsJson, 9).size());
        assertEquals(Reason.TOO_LARGE, refusal(limits, largeAsJson));
    }

    @Test
    void longTagOrChunkIdIsRefused() {
        String name = "x".repeat(1100);
        assertEquals(Reason.TOO_LARGE, refusal(Decoding.LIMITS, Packed.packed(name, ONE, null)));
        assertEquals(Reason.TOO_LARGE, refusal(Decoding.LIMITS, Packed.packed("t", ONE, Map.of("chunk", name))));
    }

    @Test
    void chunkWithAnUndecodableEventClosesItsConnectionOnlyAndIsNeverAcknowledged() throws Exception {
        try (RunningTask task = new RunningTask("event.max.bytes", "400"); ForwardClient other = task.connect();
             ForwardClient client = task.connect()) {
            List<Object> entries = new ArrayList<>(ONE);
            entries.add(List.of(1, Map.of("k", "\u0001".repeat(200))));
            client.send(Packed.packed("t", entries, CHUNK));
            List<SourceRecord> records = task.poll(1);
            task.commit(records);
            assertTrue(task.becomes(() -> task.metric("RejectedTooLarge") == 1));
            assertTrue(client.isClosedByServer());
            assertTrue(task.becomes(() -> task.metric("BytesWaiting") == 0));
            other.send(Packed.packed("t", ONE, CHUNK));
            task.commit(task.poll(1));
            assertEquals("c", other.ack());
        }
    }

    @Test
    void connectionsAreLimited() throws Exception {
        try (RunningTask task = new RunningTask("connections.max", "1"); ForwardClient first = task.connect()) {
            assertTrue(task.becomes(() -> task.metric("Connections") == 1));
            try (ForwardClient second = task.connect()) {
                assertTrue(second.isClosedByServer());
            }
            assertEquals(1, task.metric("RejectedTooManyConnections"));
            first.send(Packed.packed("t", ONE, CHUNK));
            task.commit(task.poll(1));
            assertEquals("c", first.ack());
        }
    }

    @Test
    void halfAMessageIsNotWaitedForLongerThanAllowed() throws Exception {
        try (RunningTask task = new RunningTask("message.timeout.ms", "300"); ForwardClient client = task.connect()) {
            client.send(new byte[] {(byte) 0x93, (byte) 0xa1});
            assertTrue(client.isClosedByServer());
            assertEquals(1, task.metric("RejectedTimeout"));
            assertTrue(task.becomes(() -> task.metric("BytesWaiting") == 0 && task.metric("Connections") == 0));
        }
    }

    @Test
    void idleConnectionIsClosedButNotWhileItWaitsForItsAcknowledgement() throws Exception {
        try (RunningTask task = new RunningTask("connection.idle.ms", "300"); ForwardClient client = task.connect()) {
            client.send(Packed.packed("t", ONE, CHUNK));
            List<SourceRecord> records = task.poll(1);
            assertTrue(client.isSilentFor(1000));
            task.commit(records);
            assertEquals("c", client.ack());
            assertTrue(client.isClosedByServer());
        }
    }

    @Test
    void unknownCompressionIsRefusedByName() {
        Map<String, Object> option = new HashMap<>(Map.of("compressed", "zstd"));
        Refusal refusal = assertThrows(Refusal.class,
            () -> Decoding.json().records(Packed.packed("t", ONE, option)));
        assertTrue(refusal.getMessage().contains("zstd"), refusal.getMessage());
    }
}
