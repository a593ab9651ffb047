// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class JsonRuleTest {
    static Stream<Arguments> values() {
        return Stream.of(
            Arguments.of(null, "null"), Arguments.of(List.of(), "[]"), Arguments.of(Map.of(), "{}"),
            Arguments.of(Packed.listOf((Object) null), "[null]"),
            Arguments.of(Double.NaN, "null"), Arguments.of(Double.POSITIVE_INFINITY, "null"),
            Arguments.of(Float.NEGATIVE_INFINITY, "null"), Arguments.of(0.1f, "0.1"), Arguments.of(-2.5, "-2.5"),
            Arguments.of("\"\\\n\r\t\u0001", "\"\\\"\\\\\\n\\r\\t\\u0001\""), Arguments.of("ä€😀", "\"ä€😀\""),
            Arguments.of("bin".getBytes(StandardCharsets.UTF_8), "\"bin\""),
            Arguments.of(new byte[] {'a', -1, '"'}, "\"a\ufffd\\\"\""),
            Arguments.of(Packed.eventTime(1, 5), "\"1970-01-01T00:00:01.000000005Z\""),
            Arguments.of(new Packed.Ext((byte) -1, new byte[] {0, 0, 0, 2}), "\"1970-01-01T00:00:02Z\""),
            Arguments.of(new Packed.Ext((byte) -1, new byte[] {-1, -1, -1, -1, 127, -1, -1, -1, -1, -1, -1, -1}),
                "\"+1000000000-12-31T23:59:59.999999999Z\""),
            Arguments.of(new Packed.Ext((byte) 7, new byte[] {1, 2, 3}), "\"AQID\""),
            Arguments.of(Map.of(1, 2), "{\"1\":2}"), Arguments.of(Map.of(true, 2), "{\"true\":2}"),
            Arguments.of(Map.of("k".getBytes(StandardCharsets.UTF_8), 2), "{\"k\":2}"),
            Arguments.of(Map.of(List.of("a", 1), 2), "{\"[\\\"a\\\",1]\":2}"),
            Arguments.of(Map.of(Packed.eventTime(1, 0), 2), "{\"1970-01-01T00:00:01.000000000Z\":2}"));
    }

    @ParameterizedTest
    @MethodSource("values")
    void valueIsWrittenByTheRule(Object value, String json) throws Exception {
        Map<String, Object> record = new LinkedHashMap<>();
        record.put("v", value);
        byte[] message = Packed.message("t", 1, record, null);
        assertEquals("{\"v\":" + json + "}", RunningTask.json(Decoding.json().records(message).get(0)));
        try (JsonConverter converter = new JsonConverter()) {
            converter.configure(Map.of("schemas.enable", "false"), false);
            byte[] converted = converter.fromConnectData("t", null, Decoding.map().records(message).get(0).value());
            // Jackson may escape what we write as it is, to the same effect.
            assertEquals(new ObjectMapper().readTree("{\"v\":" + json + "}"), new ObjectMapper().readTree(converted));
        }
    }

    @Test
    void invalidUtf8IsCountedOncePerString() {
        Decoding decoding = Decoding.json();
        decoding.records(Packed.message("t", 1, Map.of("a", new byte[] {-1, -2}, "b", "fine €"), null));
        assertEquals(1, decoding.invalidUtf8.sum());
    }

    static Stream<Arguments> times() {
        return Stream.of(
            Arguments.of(1700000000L, 1700000000000L), Arguments.of(Packed.eventTime(1700000000, 123456789), 1700000000123L),
            Arguments.of(1700000000.25, 1700000000250L),
            Arguments.of(List.of(Packed.eventTime(1700000000, 0), Map.of("metadata", 1)), 1700000000000L));
    }

    @ParameterizedTest
    @MethodSource("times")
    void timeIsReadInEveryForm(Object time, long millis) {
        Object record = Map.of("k", "v");
        for (byte[] bytes : List.of(Packed.message("t", time, record, null),
            Packed.forward("t", List.of(List.of(time, record)), null), Packed.packed("t", List.of(List.of(time, record)), null))) {
            assertEquals(millis, Decoding.json().records(bytes).get(0).timestamp());
        }
    }

    @ParameterizedTest
    @MethodSource("impossibleTimes")
    void timeThatKafkaWouldRefuseBecomesTheTimeOfArrival(Object time) {
        long before = System.currentTimeMillis();
        SourceRecord record = Decoding.json().records(Packed.message("t", time, Map.of(), null)).get(0);
        assertEquals(before, record.timestamp(), 60_000);
    }

    static Stream<Object> impossibleTimes() {
        return Stream.of(0, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1700000000000L, Packed.eventTime(0, 0), -1e300, Double.NaN);
    }

    @Test
    void keyIsAFieldOfTheRecord() {
        byte[] text = Packed.message("t", 1, Map.of("host", "node-1"), null);
        byte[] number = Packed.message("t", 1, Map.of("host", 5), null);
        byte[] missing = Packed.message("t", 1, Map.of("other", 5), null);
        assertEquals("node-1", Decoding.json().keyedBy("host").records(text).get(0).key());
        assertEquals("5", Decoding.map().keyedBy("host").records(number).get(0).key());
        SourceRecord without = Decoding.json().keyedBy("host").records(missing).get(0);
        assertNull(without.key());
        assertNull(without.keySchema());
    }
}
