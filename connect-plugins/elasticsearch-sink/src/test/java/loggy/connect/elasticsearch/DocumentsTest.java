// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Time;
import org.apache.kafka.connect.data.Timestamp;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentsTest {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
        .build();
    private static final String STAMP =
        "\"kafka\":{\"topic\":\"output_tag\",\"partition\":3,\"offset\":42,\"timestamp\":\"2026-11-22T18:30:00.123Z\"}";
    private static final String TIMESTAMP = "\"@timestamp\":\"2026-11-22T18:30:00.123Z\"";

    private static String[] lines(SinkRecord record, String... settings) throws RefusedDocument {
        Bulk bulk = new Bulk(0);
        new Documents(Records.config(settings)).write(record, bulk);
        String body = new String(bulk.bytes(), 0, bulk.length(), StandardCharsets.UTF_8);
        assertTrue(body.endsWith("\n"));
        return body.split("\n", -1);
    }

    private static String document(String json, String... settings) throws RefusedDocument {
        String[] lines = lines(Records.json(3, 42, json), settings);
        assertEquals(3, lines.length, "an action, a document and nothing else");
        return lines[1];
    }

    @Test
    void theActionNamesIndexAndCoordinates() throws RefusedDocument {
        assertEquals("{\"index\":{\"_index\":\"logs-output_tag-2026.11.22\",\"_id\":\"output_tag+3+42\"}}",
            lines(Records.json(3, 42, "{}"))[0]);
    }

    @Test
    void theEventIdIsTheIdOfTheDocument() throws RefusedDocument {
        SinkRecord record = Records.json(3, 42, "{}");
        record.headers().addString("event.id", "ch\"unk:7");
        assertTrue(lines(record)[0].endsWith("\"_id\":\"ch\\\"unk:7\"}}"));
        assertTrue(lines(record, "document.id", "coordinates")[0].endsWith("\"_id\":\"output_tag+3+42\"}}"));
        record.headers().addBytes("event.id", "bytes:1".getBytes(StandardCharsets.UTF_8));
        assertTrue(lines(record)[0].endsWith("\"_id\":\"bytes:1\"}}"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 513, 600})
    void anEventIdThatElasticsearchRefusesGivesWayToCoordinates(int length) throws RefusedDocument {
        SinkRecord record = Records.json(3, 42, "{}");
        record.headers().addString("event.id", "x".repeat(length));
        assertTrue(lines(record)[0].endsWith("\"_id\":\"output_tag+3+42\"}}"));
    }

    @Test
    void aRenamedTopicChoosesTheIndexAndTheStampKeepsTheOriginal() throws RefusedDocument {
        SinkRecord original = Records.json(3, 42, "{}");
        SinkRecord renamed = original.newRecord("Other", 9, null, null, null, original.value(), original.timestamp());
        String[] lines = lines(renamed);
        assertEquals("{\"index\":{\"_index\":\"logs-other-2026.11.22\",\"_id\":\"output_tag+3+42\"}}", lines[0]);
        assertEquals("{" + STAMP + "," + TIMESTAMP + "}", lines[1]);
    }

    @Test
    void elasticsearch6GetsAType() throws RefusedDocument {
        assertTrue(lines(Records.json(0, 0, "{}"), "document.type", "_doc")[0].contains("\",\"_type\":\"_doc\",\"_id\""));
    }

    @Test
    void aDataStreamGetsCreations() throws RefusedDocument {
        assertTrue(lines(Records.json(0, 0, "{}"), "data.stream", "logs-${topic}-default")[0]
            .startsWith("{\"create\":{\"_index\":\"logs-output_tag-default\""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', value = {
        "{}~{STAMP,TIME}",
        " { \\n } ~{   STAMP,TIME}",
        "{\"a\":1}~{\"a\":1,STAMP,TIME}",
        "{\"a\":1\\n,\\n\"b\":\"}\"\\n}\\n~{\"a\":1 , \"b\":\"}\" ,STAMP,TIME}",
        "{\"kafka\":1}~{STAMP,TIME}",
        "{\"kafka\":{\"topic\":\"forged\"},\"a\":[{\"kafka\":1}]}~{\"a\":[{\"kafka\":1}],STAMP,TIME}",
        "{\"a\":1,\"kafka\":[1,2]}~{\"a\":1,STAMP,TIME}",
        "{\"k\\u0061fka\":1,\"kafka.offset\":7,\"kafkas\":2}~{\"kafkas\":2,STAMP,TIME}",
        "{\"@timestamp\":\"then\"}~{\"@timestamp\":\"then\",STAMP}",
        "{\"a\":{\"@timestamp\":\"then\"}}~{\"a\":{\"@timestamp\":\"then\"},STAMP,TIME}",
        "{\"a\":\"@timestamp\",\"b\":\"kafka\"}~{\"a\":\"@timestamp\",\"b\":\"kafka\",STAMP,TIME}",
        "{\"a\":\"\\\\\",\"b\":\"\\\"}\"}~{\"a\":\"\\\\\",\"b\":\"\\\"}\",STAMP,TIME}",
        "{\"n\":123456789012345678901234567890.10}~{\"n\":123456789012345678901234567890.10,STAMP,TIME}"})
    void theStampIsPutIntoTheBytes(String json, String expected) throws RefusedDocument {
        String real = json.replace("\\n", "\n");
        assertEquals(expected.replace("STAMP", STAMP).replace("TIME", TIMESTAMP), document(real));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "1", "null", "[]", "\"{}\"", "{", "{\"a\":1", "{\"a\":\"", "{\"a\":\"\\", "{}{}", "{} x",
        "{\"a\":[}", "{]", "}", "{\"a\":\"line\nbreak\"}", "{\"a\":\"\\\n\"}", "{\0}", "\uFEFF{}",
        "{}\n{\"delete\":{\"_index\":\"x\",\"_id\":\"y\"}}", "{\"\\x\":1}"})
    void whatIsNotOneObjectIsRefused(String json) {
        assertThrows(RefusedDocument.class, () -> document(json));
    }

    @Property
    void noBytesWhateverMakeMoreThanOneLine(@ForAll byte[] bytes) throws RefusedDocument {
        byte[] object = new byte[bytes.length + 2];
        object[0] = '{';
        System.arraycopy(bytes, 0, object, 1, bytes.length);
        object[object.length - 1] = '}';
        Bulk bulk = new Bulk(0);
        try {
            new Documents(Records.config()).write(Records.of(0, 0, null, object), bulk);
        } catch (RefusedDocument e) {
            return;
        }
        String body = new String(bulk.bytes(), 0, bulk.length(), StandardCharsets.ISO_8859_1);
        assertEquals(2, body.chars().filter(c -> c == '\n').count());
    }

    @Property
    void jsonLikeTextNeverMakesMoreThanOneLine(@ForAll("fragments") String text) {
        Bulk bulk = new Bulk(0);
        try {
            new Documents(Records.config()).write(Records.json(0, 0, text), bulk);
        } catch (RefusedDocument e) {
            return;
        }
        String body = new String(bulk.bytes(), 0, bulk.length(), StandardCharsets.UTF_8);
        assertEquals(2, body.chars().filter(c -> c == '\n').count(), body);
    }

    @Provide
    Arbitrary<String> fragments() {
        return Arbitraries.of("{", "}", "[", "]", "\"", "\\", "\n", ",", ":", "kafka", "\"kafka\"", "1", " ", "\"a\":")
            .list().ofMaxSize(14).map(parts -> "{" + String.join("", parts) + "}");
    }

    @Property
    void splicingEqualsParsingAndSetting(@ForAll("objects") ObjectNode object) throws Exception {
        ObjectNode expected = object.deepCopy();
        List<String> names = new ArrayList<>();
        expected.fieldNames().forEachRemaining(names::add);
        expected.remove(names.stream().filter(name -> name.equals("kafka") || name.startsWith("kafka.")).toList());
        expected.set("kafka", MAPPER.readTree("{" + STAMP + "}").get("kafka"));
        if (!expected.has("@timestamp")) {
            expected.put("@timestamp", "2026-11-22T18:30:00.123Z");
        }
        String compact = document(MAPPER.writeValueAsString(object));
        String pretty = document(MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(object));
        assertEquals(expected, MAPPER.readTree(compact));
        assertEquals(expected, MAPPER.readTree(pretty));
        Object map = new ObjectMapper().convertValue(object, Map.class);
        assertEquals(expected, MAPPER.readTree(lines(Records.of(3, 42, null, map))[1]));
    }

    @Provide
    Arbitrary<ObjectNode> objects() {
        return node(3).list().ofMaxSize(6).flatMap(values -> names().list().ofSize(values.size()).map(names -> {
            ObjectNode object = MAPPER.createObjectNode();
            for (int i = 0; i < values.size(); i++) {
                object.set(names.get(i), values.get(i));
            }
            return object;
        }));
    }

    private static Arbitrary<String> names() {
        return Arbitraries.frequencyOf(
            Tuple.of(1, Arbitraries.of("kafka", "@timestamp", "kafka.topic", "a\"b", "c\\", "kafk", "")),
            Tuple.of(3, Arbitraries.strings().ofMaxLength(8)
                .filter(text -> text.chars().noneMatch(c -> Character.isSurrogate((char) c)))));
    }

    private static Arbitrary<JsonNode> node(int depth) {
        Arbitrary<JsonNode> leaf = Arbitraries.oneOf(
            names().map(MAPPER.getNodeFactory()::textNode),
            Arbitraries.integers().map(MAPPER.getNodeFactory()::numberNode),
            Arbitraries.of(true, false).map(MAPPER.getNodeFactory()::booleanNode),
            Arbitraries.just(MAPPER.getNodeFactory().nullNode()));
        if (depth == 0) {
            return leaf;
        }
        Arbitrary<JsonNode> array = node(depth - 1).list().ofMaxSize(3).map(list -> MAPPER.createArrayNode().addAll(list));
        Arbitrary<JsonNode> object = Combinators.combine(names(), node(depth - 1))
            .as((name, value) -> MAPPER.createObjectNode().set(name, value));
        return Arbitraries.oneOf(leaf, array, object);
    }

    @Test
    void aStructBecomesJsonWithItsLogicalTypes() throws RefusedDocument {
        Schema inner = SchemaBuilder.struct().field("deep", Schema.OPTIONAL_STRING_SCHEMA).build();
        Schema schema = SchemaBuilder.struct().field("price", Decimal.schema(2))
            .field("day", org.apache.kafka.connect.data.Date.SCHEMA).field("at", Timestamp.SCHEMA).field("clock", Time.SCHEMA)
            .field("raw", Schema.BYTES_SCHEMA).field("inner", inner)
            .field("days", SchemaBuilder.array(org.apache.kafka.connect.data.Date.SCHEMA)).field("kafka", Schema.INT8_SCHEMA).build();
        Struct value = new Struct(schema).put("price", new BigDecimal("12.30")).put("day", new Date(86_400_000L))
            .put("at", new Date(Records.TIME)).put("clock", new Date(1001)).put("raw", new byte[] {1, 2})
            .put("inner", new Struct(inner)).put("days", List.of(new Date(0))).put("kafka", (byte) 1);
        assertEquals("{\"price\":12.30,\"day\":\"1970-01-02\",\"at\":\"2026-11-22T18:30:00.123Z\",\"clock\":\"00:00:01.001\","
            + "\"raw\":\"AQI=\",\"inner\":{\"deep\":null},\"days\":[\"1970-01-01\"]," + STAMP + "," + TIMESTAMP + "}",
            lines(Records.of(3, 42, schema, value))[1]);
    }

    @Test
    void aMapKeepsNullsEmptyListsAndBigIntegers() throws RefusedDocument {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("null", null);
        map.put("empty", List.of());
        map.put("big", new BigInteger("18446744073709551615"));
        map.put("list", Arrays.asList(1L, 2.5, "x\ny", true, Collections.singletonMap("k", null)));
        assertEquals("{\"null\":null,\"empty\":[],\"big\":18446744073709551615,\"list\":[1,2.5,\"x\\ny\",true,{\"k\":null}],"
            + STAMP + "," + TIMESTAMP + "}", lines(Records.of(3, 42, null, map))[1]);
    }

    @Test
    void whatHasNoJsonFormIsRefused() {
        assertThrows(RefusedDocument.class, () -> lines(Records.of(0, 0, null, 5)));
        assertThrows(RefusedDocument.class, () -> lines(Records.of(0, 0, null, Map.of("x", new Object()))));
        Map<String, Object> deep = Map.of();
        for (int i = 0; i < 1100; i++) {
            deep = Map.of("deeper", deep);
        }
        Map<String, Object> deepest = deep;
        assertThrows(RefusedDocument.class, () -> lines(Records.of(0, 0, null, deepest)));
    }

    @Test
    void stampAndTimestampCanBeRenamedOrLeftOut() throws RefusedDocument {
        assertEquals("{\"kafka\":1}", document("{\"kafka\":1}", "stamp.field", "", "timestamp.field", ""));
        assertEquals("{\"kafka\":1," + STAMP.replace("\"kafka\"", "\"from\"") + "," + TIMESTAMP.replace("@timestamp", "t") + "}",
            document("{\"kafka\":1}", "stamp.field", "from", "timestamp.field", "t"));
    }

    @Test
    void aRecordWithoutTimestampAlwaysGoesToTheSameIndex() throws RefusedDocument {
        SinkRecord record = new SinkRecord("t", 0, null, null, null, "{}", 1);
        String[] lines = lines(record);
        assertTrue(lines[0].contains("logs-t-1970.01.01"));
        assertEquals("{\"kafka\":{\"topic\":\"t\",\"partition\":0,\"offset\":1}}", lines[1]);
    }

    @Test
    void aNullIsIgnoredOrDeletesByItsId() throws RefusedDocument {
        Bulk bulk = new Bulk(0);
        assertFalse(new Documents(Records.config()).write(Records.json(0, 1, null), bulk));
        assertEquals(0, bulk.length());
        assertTrue(new Documents(Records.config("on.null", "delete")).write(Records.json(0, 1, null), bulk));
        assertEquals("{\"delete\":{\"_index\":\"logs-output_tag-2026.11.22\",\"_id\":\"output_tag+0+1\"}}\n",
            new String(bulk.bytes(), 0, bulk.length(), StandardCharsets.UTF_8));
    }
}
