// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class FuzzTest {
    private static final List<Object> ENTRIES = List.of(
        List.of(Packed.eventTime(1, 2), Map.of("a", List.of(1, "x", Map.of("b", 2.5)), "é", new byte[] {1, -1})),
        List.of(5, Map.of()));

    @Property(tries = 3000)
    void bytesAreDecodedOrRefusedAndNothingElse(@ForAll @Size(max = 200) byte[] bytes) {
        assertTrue(isDecodedOrRefused(bytes));
    }

    @Property(tries = 3000)
    void damagedMessagesAreDecodedOrRefusedAndNothingElse(@ForAll @IntRange(min = 0, max = 3) int mode,
                                                           @ForAll @IntRange(min = 1, max = 6) int damages,
                                                           @ForAll long seed) {
        byte[] bytes = message(mode);
        Random random = new Random(seed);
        for (int i = 0; i < damages; i++) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        assertTrue(isDecodedOrRefused(bytes));
    }

    @Test
    void hostileConnectionsAreClosedAndHarmNoOther() throws Exception {
        try (RunningTask task = new RunningTask("message.timeout.ms", "300"); ForwardClient good = task.connect()) {
            Random random = new Random(42);
            for (int i = 0; i < 50; i++) {
                try (ForwardClient hostile = task.connect()) {
                    byte[] noise = new byte[100];
                    random.nextBytes(noise);
                    noise[0] = '{';
                    hostile.send(noise);
                    assertTrue(hostile.isClosedByServer());
                }
            }
            good.send(Packed.packed("t", ENTRIES, Map.of("chunk", "good")));
            task.commit(task.poll(2));
            assertEquals("good", good.ack());
            assertEquals(50, task.metric("RejectedMalformed"));
        }
    }

    private static byte[] message(int mode) {
        Map<String, String> option = Map.of("chunk", "c");
        return switch (mode) {
            case 0 -> Packed.message("tag", 1, Map.of("k", "v"), option);
            case 1 -> Packed.forward("tag", ENTRIES, option);
            case 2 -> Packed.packed("tag", ENTRIES, option);
            default -> Packed.compressed("tag", ENTRIES, option);
        };
    }

    private static boolean isDecodedOrRefused(byte[] bytes) {
        try {
            return Decoding.json().records(bytes, 7).size() == Decoding.map().records(bytes, bytes.length + 1).size();
        } catch (Refusal refusal) {
            return !refusal.getMessage().isEmpty();
        }
    }
}
