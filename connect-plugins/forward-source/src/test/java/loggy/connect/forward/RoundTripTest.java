// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
        return record().list().ofMinSize(1).ofMaxSize(5);
    }

    @Provide
    Arbitrary<Map<String, Object>> record() {
        return Arbitraries.maps(text(), values(3)).ofMaxSize(4).map(HashMap::new);
    }

    private Arbitrary<Object> values(int levels) {
        Arbitrary<Object> scalar = Arbitraries.oneOf(
            Arbitraries.longs().map(Object.class::cast), Arbitraries.of(true, false).map(Object.class::cast),
            text().map(Object.class::cast), Arbitraries.doubles().map(Object.class::cast),
            Arbitraries.floats().map(Object.class::cast)).injectNull(0.1);
        if (levels == 0) {
            return scalar;
        }
        return Arbitraries.lazyOf(() -> scalar, () -> scalar,
            () -> values(levels - 1).list().ofMaxSize(3).map(Object.class::cast),
            () -> Arbitraries.maps(text(), values(levels - 1)).ofMaxSize(3).map(HashMap::new));
    }

    /** Any Unicode but lone surrogates, which UTF-8 cannot say. */
    private static Arbitrary<String> text() {
        return Arbitraries.strings().all().ofMaxLength(12)
            .filter(text -> java.nio.charset.StandardCharsets.UTF_8.newEncoder().canEncode(text));
    }
}
