// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;

class RoundTripTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LEVELS = 3;
    private static final List<Object> EDGES = Arrays.asList(null, true, 0L, -1L, Long.MIN_VALUE, Long.MAX_VALUE, 0.0, -0.0,
        Double.MIN_VALUE, Double.MAX_VALUE, Float.MIN_VALUE, Float.MAX_VALUE, "", "\0", "{", List.of(), Map.of());

    @Property(tries = 300)
    void everyModeGivesTheRecordsThatWentIn(@ForAll("events") List<Map<String, Object>> events,
                                            @ForAll @IntRange(min = 1, max = 50) int piece) {
        List<Object> entries = new ArrayList<>();
        events.forEach(event -> entries.add(List.of(Packed.eventTime(1_700_000_000, entries.size()), event)));
        Map<String, String> option = Map.of("chunk", "c");
        for (byte[] bytes : List.of(Packed.forward("t", entries, option), Packed.packed("t", entries, option),
            Packed.compressed("t", entries, option))) {
            List<SourceRecord> records = Decoding.map().records(bytes, piece);
            assertEquals(events, records.stream().map(SourceRecord::value).toList());
            for (int i = 0; i < records.size(); i++) {
                assertEquals("c:" + i, RunningTask.header(records.get(i), "event.id"));
                assertEquals(String.format("2023-11-14T22:13:20.%09dZ", i), RunningTask.header(records.get(i), "event.time"));
            }
        }
    }

    @Property(tries = 300)
    void jsonBytesSayWhatTheMapSays(@ForAll("record") Map<String, Object> event) throws Exception {
        byte[] message = Packed.message("t", 1, event, null);
        JsonNode direct = JSON.readTree((byte[]) Decoding.json().records(message).get(0).value());
        try (JsonConverter converter = new JsonConverter()) {
            converter.configure(Map.of("schemas.enable", "false"), false);
            byte[] converted = converter.fromConnectData("t", null, Decoding.map().records(message).get(0).value());
            assertEquals(JSON.readTree(converted), direct);
        }
    }

    @Property(tries = 200)
    void everyIntegerKeepsEachDigitAsJson(@ForAll("integers") BigInteger number) {
        byte[] message = Packed.message("t", 1, Map.of("n", number), null);
        assertEquals("{\"n\":" + number + "}", RunningTask.json(Decoding.json().records(message).get(0)));
    }

    @Property(tries = 200)
    void integersTooLargeForConnectAreTextInMaps(@ForAll("integers") BigInteger number) {
        byte[] message = Packed.message("t", 1, Map.of("n", number), null);
        Object value = ((Map<?, ?>) Decoding.map().records(message).get(0).value()).get("n");
        assertEquals(number.bitLength() > 63 ? String.class : Long.class, value.getClass());
        assertEquals(number.toString(), value.toString());
    }

    @Property(tries = 200)
    void messagesBackToBackInAnyPiecesAreAllRead(@ForAll("events") List<Map<String, Object>> events,
                                                 @ForAll @IntRange(min = 1, max = 5000) int piece) {
        java.io.ByteArrayOutputStream stream = new java.io.ByteArrayOutputStream();
        events.forEach(event -> {
            stream.writeBytes(Packed.message("t", 1, event, null));
            stream.write(0xc0);
        });
        List<SourceRecord> records = Decoding.map().records(stream.toByteArray(), piece);
        assertEquals(events, records.stream().map(SourceRecord::value).toList());
        assertTrue(records.stream().allMatch(record -> record.timestamp() == 1000));
    }

    @Provide
    Arbitrary<BigInteger> integers() {
        return Arbitraries.bigIntegers().between(BigInteger.valueOf(Long.MIN_VALUE),
            BigInteger.TWO.pow(64).subtract(BigInteger.ONE));
    }

    @Provide
    Arbitrary<List<Map<String, Object>>> events() {
        return Arbitraries.randomValue(random -> list(1 + random.nextInt(5), () -> map(random, 4, LEVELS)));
    }

    @Provide
    Arbitrary<Map<String, Object>> record() {
        return Arbitraries.randomValue(random -> map(random, 4, LEVELS));
    }

    // Built directly: arbitraries inside arbitraries are generated anew for each look at them, level by level, so that some
    // seeds take minutes.
    private static Map<String, Object> map(Random random, int largest, int levels) {
        Map<String, Object> made = new HashMap<>();
        for (int left = random.nextInt(largest + 1); left > 0; left--) {
            made.put(text(random), value(random, levels));
        }
        return made;
    }

    private static Object value(Random random, int levels) {
        return switch (random.nextInt(levels == 0 ? 6 : 8)) {
            case 0 -> EDGES.get(random.nextInt(EDGES.size()));
            case 1 -> random.nextLong();
            case 2 -> random.nextBoolean();
            case 3 -> text(random);
            case 4 -> finite(Double.longBitsToDouble(random.nextLong()));
            case 5 -> (float) random.nextGaussian();
            case 6 -> list(random.nextInt(4), () -> value(random, levels - 1));
            default -> map(random, 3, levels - 1);
        };
    }

    private static <T> List<T> list(int size, Supplier<T> one) {
        List<T> made = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            made.add(one.get());
        }
        return made;
    }

    /** JSON has no word for the others. */
    private static double finite(double number) {
        return Double.isFinite(number) ? number : 0.5;
    }

    /** Any Unicode but lone surrogates, which UTF-8 cannot say. */
    private static String text(Random random) {
        int[] points = random.ints(0, Character.MAX_CODE_POINT + 1)
            .filter(point -> point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE)
            .limit(random.nextInt(13)).toArray();
        return new String(points, 0, points.length);
    }
}
