// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.connect.source.SourceRecord;

/** The way from bytes to records without network, task or worker. */
final class Decoding {
    static final Limits LIMITS = new Limits(1 << 20, 1 << 20, 1 << 20, 64);
    final LongAdder invalidUtf8 = new LongAdder();
    private final Text text = new Text(invalidUtf8);
    private final Limits limits;
    private final ValueFormat format;
    private String keyField;

    private Decoding(Limits limits, boolean json) {
        this.limits = limits;
        format = json ? new JsonWriter(text) : new MapReader(text);
    }

    static Decoding json() {
        return new Decoding(LIMITS, true);
    }

    static Decoding json(Limits limits) {
        return new Decoding(limits, true);
    }

    static Decoding map() {
        return new Decoding(LIMITS, false);
    }

    Decoding keyedBy(String field) {
        keyField = field;
        return this;
    }

    /** All records of all messages, fed in pieces of so many bytes. */
    List<SourceRecord> records(byte[] bytes, int piece) {
        List<SourceRecord> records = new ArrayList<>();
        for (Message message : messages(bytes, piece)) {
            RecordReader.Shape shape = new RecordReader.Shape(new TopicName("${tag}"), false, keyField, format, text,
                new EventTime(), limits, Long.MAX_VALUE / 2);
            RecordReader reader = new RecordReader(new Chunk(message, null, "peer:1", bytes.length, 0), shape);
            while (!reader.isDone()) {
                reader.read(records, 2, Long.MAX_VALUE);
            }
        }
        return records;
    }

    List<SourceRecord> records(byte[] bytes) {
        return records(bytes, bytes.length);
    }

    List<Message> messages(byte[] bytes, int piece) {
        Framer framer = new Framer(limits);
        List<Message> messages = new ArrayList<>();
        for (int at = 0; at < bytes.length; at += piece) {
            framer.feed(ByteBuffer.wrap(bytes, at, Math.min(piece, bytes.length - at)));
            for (Framer.Frame frame = framer.next(); frame != null; frame = framer.next()) {
                Message message = Message.parse(frame, limits, text);
                if (message != null) {
                    messages.add(message);
                }
            }
        }
        return messages;
    }
}
