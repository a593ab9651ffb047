// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.sink.SinkRecord;

/** Writes a record as action and document of a bulk request. Pure but for its caches; not thread-safe. */
final class Documents {
    /** Longer ids make Elasticsearch refuse the whole request. */
    private static final int MAX_ID_BYTES = 512;
    private static final long MINUTE_MS = 60_000;
    private static final int MAX_CACHED = 1000;

    private record Destination(long hour, String json) {
    }

    private final IndexPattern pattern;
    private final String action;
    private final String type;
    private final boolean byEvent;
    private final String eventIdHeader;
    private final String stampField;
    private final String timestampField;
    private final boolean deletes;
    private final JsonFactory json = new JsonFactory();
    private final JsonObject object;
    private final Map<String, Destination> destinations = new HashMap<>();
    private final Map<String, Map<Integer, String>> stamps = new HashMap<>();
    private long minute = Long.MIN_VALUE;
    private String minuteText = "";

    Documents(SinkConfig config) {
        pattern = config.indexPattern();
        action = config.hasDataStream() ? "create" : "index";
        String documentType = config.getString(SinkConfig.DOCUMENT_TYPE);
        type = documentType.isEmpty() ? "" : "\",\"_type\":\"" + quoted(documentType);
        byEvent = config.choice(SinkConfig.DOCUMENT_ID, SinkConfig.DocumentId.class) == SinkConfig.DocumentId.EVENT;
        eventIdHeader = config.getString(SinkConfig.EVENT_ID_HEADER);
        stampField = config.getString(SinkConfig.STAMP_FIELD);
        timestampField = config.getString(SinkConfig.TIMESTAMP_FIELD);
        deletes = config.choice(SinkConfig.ON_NULL, SinkConfig.OnNull.class) == SinkConfig.OnNull.DELETE;
        object = new JsonObject(stampField, timestampField);
    }

    /** Returns false when the record asks for nothing to be done; what was half written of a refused one remains. */
    boolean write(SinkRecord record, Bulk bulk) throws RefusedDocument {
        if (record.value() == null) {
            if (deletes) {
                action("delete", record, bulk);
            }
            return deletes;
        }
        action(action, record, bulk);
        document(record, bulk);
        bulk.write('\n');
        return true;
    }

    private void action(String name, SinkRecord record, Bulk bulk) {
        bulk.ascii("{\"" + name);
        bulk.write(destination(record).getBytes(StandardCharsets.UTF_8));
        bulk.write(quoted(id(record)).getBytes(StandardCharsets.UTF_8));
        bulk.ascii("\"}}\n");
    }

    private String destination(SinkRecord record) {
        long hour = Math.floorDiv(timestamp(record), IndexPattern.HOUR_MS);
        Destination known = destinations.get(record.topic());
        if (known == null || known.hour != hour) {
            String index = pattern.resolve(record.topic(), timestamp(record));
            known = new Destination(hour, "\":{\"_index\":\"" + quoted(index) + type + "\",\"_id\":\"");
            trim(destinations);
            destinations.put(record.topic(), known);
        }
        return known.json;
    }

    /** A record without timestamp belongs to 1970: wherever it goes, it must go there again. */
    private static long timestamp(SinkRecord record) {
        return record.timestamp() == null ? 0 : record.timestamp();
    }

    private String id(SinkRecord record) {
        Header header = byEvent ? record.headers().lastWithName(eventIdHeader) : null;
        if (header != null && header.value() != null) {
            String id = header.value() instanceof byte[] bytes
                ? new String(bytes, StandardCharsets.UTF_8) : header.value().toString();
            if (!id.isEmpty() && (id.length() <= MAX_ID_BYTES / 3
                || id.getBytes(StandardCharsets.UTF_8).length <= MAX_ID_BYTES)) {
                return id;
            }
        }
        return record.originalTopic() + "+" + record.originalKafkaPartition() + "+" + record.originalKafkaOffset();
    }

    private void document(SinkRecord record, Bulk bulk) throws RefusedDocument {
        Object value = record.value();
        boolean hasTimestamp;
        if (value instanceof byte[] bytes) {
            hasTimestamp = spliced(bytes, bulk);
        } else if (value instanceof String text) {
            hasTimestamp = spliced(text.getBytes(StandardCharsets.UTF_8), bulk);
        } else if (value instanceof Struct || value instanceof Map<?, ?>) {
            hasTimestamp = generated(record.valueSchema(), value, bulk);
        } else {
            throw new RefusedDocument("the value is a " + value.getClass().getName()
                + "; a document needs JSON text, a map or a struct");
        }
        if (!stampField.isEmpty()) {
            comma(bulk);
            bulk.write(stamp(record).getBytes(StandardCharsets.UTF_8));
            bulk.ascii(Long.toString(record.originalKafkaOffset()));
            if (record.timestamp() != null) {
                bulk.ascii(",\"timestamp\":\"" + iso(record.timestamp()) + '"');
            }
            bulk.write('}');
        }
        if (!hasTimestamp && !timestampField.isEmpty() && record.timestamp() != null) {
            comma(bulk);
            bulk.write(('"' + quoted(timestampField) + "\":\"" + iso(record.timestamp()) + '"')
                .getBytes(StandardCharsets.UTF_8));
        }
        bulk.write('}');
    }

    private boolean spliced(byte[] bytes, Bulk bulk) throws RefusedDocument {
        object.scan(bytes);
        object.writeOpen(bulk);
        return object.hasTimestamp();
    }

    private boolean generated(Schema schema, Object value, Bulk bulk) throws RefusedDocument {
        boolean hasTimestamp = false;
        try (JsonGenerator generator = json.createGenerator(bulk)) {
            generator.writeStartObject();
            if (value instanceof Struct struct) {
                for (Field field : struct.schema().fields()) {
                    hasTimestamp |= member(generator, field.name(), field.schema(), struct.get(field));
                }
            } else {
                Schema values = schema == null ? null : schema.valueSchema();
                for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
                    hasTimestamp |= member(generator, String.valueOf(entry.getKey()), values, entry.getValue());
                }
            }
            generator.writeEndObject();
        } catch (IOException e) {
            // Half a surrogate pair, nesting without end and the like.
            throw new RefusedDocument("the value cannot be written as JSON: " + e.getMessage());
        }
        bulk.truncate(bulk.length() - 1);
        return hasTimestamp;
    }

    private boolean member(JsonGenerator generator, String name, Schema schema, Object value)
        throws IOException, RefusedDocument {
        if (stampField.isEmpty() || !JsonObject.belongsToStamp(name, stampField)) {
            generator.writeFieldName(name);
            ConnectJson.write(generator, schema, value);
        }
        return name.equals(timestampField);
    }

    /** Writes a comma unless the object has no member yet or already ends with one. */
    private static void comma(Bulk bulk) {
        int last = bulk.length() - 1;
        while (bulk.at(last) <= ' ' && bulk.at(last) >= 0) {
            last--;
        }
        if (bulk.at(last) != '{' && bulk.at(last) != ',') {
            bulk.write(',');
        }
    }

    private String stamp(SinkRecord record) {
        Map<Integer, String> partitions = stamps.get(record.originalTopic());
        if (partitions == null) {
            trim(stamps);
            partitions = new HashMap<>();
            stamps.put(record.originalTopic(), partitions);
        }
        return partitions.computeIfAbsent(record.originalKafkaPartition(), partition ->
            '"' + quoted(stampField) + "\":{\"topic\":\"" + quoted(record.originalTopic()) + "\",\"partition\":" + partition
                + ",\"offset\":");
    }

    private String iso(long timestampMs) {
        long now = Math.floorDiv(timestampMs, MINUTE_MS);
        if (now != minute) {
            minute = now;
            minuteText = ConnectJson.TIMESTAMP.format(Instant.ofEpochMilli(now * MINUTE_MS));
            minuteText = minuteText.substring(0, minuteText.length() - "00.000Z".length());
        }
        int millis = (int) Math.floorMod(timestampMs, MINUTE_MS);
        StringBuilder text = new StringBuilder(minuteText);
        digits(text, millis / 1000, 10);
        text.append('.');
        digits(text, millis % 1000, 100);
        return text.append('Z').toString();
    }

    private static void digits(StringBuilder text, int number, int scale) {
        for (int unit = scale; unit > 0; unit /= 10) {
            text.append((char) ('0' + number / unit % 10));
        }
    }

    private static String quoted(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == '"' || c == '\\') {
                return new String(JsonStringEncoder.getInstance().quoteAsString(text));
            }
        }
        return text;
    }

    private static void trim(Map<?, ?> cache) {
        if (cache.size() >= MAX_CACHED) {
            cache.clear();
        }
    }
}
