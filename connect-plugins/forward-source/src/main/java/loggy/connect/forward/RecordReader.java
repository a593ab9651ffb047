// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.io.IOException;
import java.util.List;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.source.SourceRecord;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.ValueType;

/** Decodes the events of one chunk into Connect records, as many at a time as are asked for. Not thread-safe. */
final class RecordReader {
    static final String EVENT_ID = "event.id";
    static final String EVENT_TIME = "event.time";
    static final String TAG = "forward.tag";
    static final String CHUNK = "forward.chunk";
    static final String PEER = "forward.peer";

    /** What all chunks of a task share. {@code keyField} is set when the key is a field of the record. */
    record Shape(TopicName topic, boolean keyIsTag, String keyField, ValueFormat format, Text text, EventTime time,
                 Limits limits, long aheadMillis) { }

    private final Chunk chunk;
    private final Shape shape;
    private final Entries entries;
    private final MessageUnpacker in;
    private final String topic;
    private final ConnectHeaders common = new ConnectHeaders();
    private int position;
    private int delivered;

    RecordReader(Chunk chunk, Shape shape) {
        this.chunk = chunk;
        this.shape = shape;
        entries = chunk.takeEntries();
        in = unpacker(entries.from());
        topic = shape.topic().of(chunk.tag);
        common.addString(TAG, chunk.tag).addString(PEER, chunk.peer);
        if (chunk.id != null) {
            common.addString(CHUNK, chunk.id);
        }
    }

    boolean isDone() {
        return delivered == entries.count();
    }

    /** Adds up to {@code most} records, and stops earlier once {@code mostBytes} of msgpack were read; returns the bytes. */
    long read(List<SourceRecord> records, int most, long mostBytes) {
        long before = in.getTotalReadBytes();
        long read = 0;
        try {
            for (int added = 0; added < most && read < mostBytes && !isDone(); position++) {
                SourceRecord record = next();
                read = in.getTotalReadBytes() - before;
                if (record != null) {
                    records.add(record);
                    added++;
                    delivered++;
                }
            }
            return read;
        } catch (IOException | MessagePackException e) {
            throw Refusal.malformed("an event that cannot be decoded: " + e.getMessage());
        }
    }

    private SourceRecord next() throws IOException {
        int extra = entries.enclosed() ? in.unpackArrayHeader() - 2 : 0;
        shape.time().read(in);
        String eventTime = shape.time().text();
        long timestamp = shape.time().millis();
        SourceRecord record = null;
        if (in.getNextFormat().getValueType() == ValueType.NIL) {
            in.unpackNil();
        } else {
            String key = shape.keyIsTag() ? chunk.tag : shape.keyField() == null ? null : keyFromField();
            Object value = shape.format().read(in);
            record = record(key, value, timestamp, eventTime);
        }
        if (extra > 0) {
            in.skipValue(extra);
        }
        return record;
    }

    private SourceRecord record(String key, Object value, long timestamp, String eventTime) {
        Schema schema = null;
        if (value instanceof byte[] json) {
            schema = Schema.BYTES_SCHEMA;
            if (json.length > shape.limits().eventBytes()) {
                throw Entries.tooLarge(json.length, shape.limits().eventBytes());
            }
        }
        ConnectHeaders headers = new ConnectHeaders(common);
        if (chunk.id != null) {
            headers.addString(EVENT_ID, chunk.id + ':' + position);
        }
        headers.addString(EVENT_TIME, eventTime);
        return new ForwardRecord(chunk, topic, key, schema, value, acceptable(timestamp), headers);
    }

    /** A broker refuses timestamps too far ahead of its clock (KIP-937), which would fail the task for good. */
    private long acceptable(long timestamp) {
        long now = System.currentTimeMillis();
        return timestamp > now + shape.aheadMillis() ? now : timestamp;
    }

    private String keyFromField() throws IOException {
        MessageUnpacker ahead = unpacker(entries.from() + (int) in.getTotalReadBytes());
        int size = ahead.unpackMapHeader();
        for (int i = 0; i < size; i++) {
            boolean found = JsonWriter.asText(ahead, shape.text()).equals(shape.keyField());
            if (found) {
                return ahead.getNextFormat().getValueType() == ValueType.NIL ? null
                    : JsonWriter.asText(ahead, shape.text());
            }
            ahead.skipValue();
        }
        return null;
    }

    private MessageUnpacker unpacker(int from) {
        return MessagePack.newDefaultUnpacker(entries.bytes(), from, entries.to() - from);
    }
}
