// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import loggy.connect.forward.Refusal.Reason;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.ValueType;

/**
 * One message of the forward protocol, in any of its modes; reads a complete frame and knows no connection.
 *
 * @param chunk the chunk id as text, without the line break that Fluentd's base64 ends with; null when none was given
 * @param acknowledgement the chunk id as it came, in msgpack, to be sent back unchanged; null when none was given
 */
record Message(String tag, String chunk, byte[] acknowledgement, Entries entries) {
    /** A tag and a chunk id go into the headers of every record, so that a long one would multiply. */
    private static final int LONGEST_NAME = 1024;

    /** Null for a heartbeat, which is a bare nil. */
    static Message parse(Framer.Frame frame, Limits limits, Text text) {
        try (MessageUnpacker in = MessagePack.newDefaultUnpacker(frame.bytes(), frame.from(), frame.size())) {
            return in.tryUnpackNil() ? null : new Parser(in, frame, limits, text).message();
        } catch (IOException | MessagePackException e) {
            throw Refusal.malformed("a message that is not of the forward protocol: " + e.getMessage());
        }
    }

    private static final class Parser {
        private final MessageUnpacker in;
        private final Framer.Frame frame;
        private final Limits limits;
        private final Text text;
        private String chunk;
        private byte[] acknowledgement;
        private String compressed;

        Parser(MessageUnpacker in, Framer.Frame frame, Limits limits, Text text) {
            this.in = in;
            this.frame = frame;
            this.limits = limits;
            this.text = text;
        }

        Message message() throws IOException {
            int fields = in.unpackArrayHeader();
            if (fields < 2 || !isText(nextType())) {
                throw Refusal.malformed("a message that does not begin with a tag");
            }
            String tag = name("tag");
            Entries entries = switch (nextType()) {
                case STRING, BINARY -> packed(fields - 2);
                case ARRAY -> forward(fields);
                default -> single(fields - 3);
            };
            return new Message(tag, chunk, acknowledgement, entries);
        }

        private Entries packed(int optionFields) throws IOException {
            int size = in.unpackRawStringHeader();
            int from = position();
            in.readPayloadAsReference(size);
            options(optionFields);
            if (compressed == null || compressed.equals("text")) {
                return Entries.check(frame.bytes(), from, from + size, true, limits);
            }
            if (!compressed.equals("gzip")) {
                throw Refusal.malformed("compression '" + compressed + "', where gzip and text are supported");
            }
            byte[] plain = gunzip(from, size);
            return Entries.check(plain, 0, plain.length, true, limits);
        }

        /** An array in second place is the entries, or Fluent Bit's time with metadata when a record follows it. */
        private Entries forward(int fields) throws IOException {
            int from = position();
            int size = in.unpackArrayHeader();
            boolean timeWithMetadata = size > 0 && nextType() != ValueType.ARRAY;
            if (timeWithMetadata) {
                in.skipValue(size);
                return single(fields - 3, from);
            }
            int first = position();
            in.skipValue(size);
            int to = position();
            options(fields - 2);
            return Entries.check(frame.bytes(), first, to, true, limits);
        }

        private Entries single(int optionFields) throws IOException {
            int from = position();
            in.skipValue();
            return single(optionFields, from);
        }

        private Entries single(int optionFields, int from) throws IOException {
            if (optionFields < 0) {
                throw Refusal.malformed("a message without a record");
            }
            in.skipValue();
            int to = position();
            options(optionFields);
            return Entries.check(frame.bytes(), from, to, false, limits);
        }

        private void options(int fields) throws IOException {
            if (fields == 0 || in.tryUnpackNil()) {
                return;
            }
            int size = in.unpackMapHeader();
            for (int i = 0; i < size; i++) {
                String key = JsonWriter.asText(in, text);
                if (key.equals("chunk") && nextType() != ValueType.NIL) {
                    int from = position();
                    chunk = name("chunk id").strip();
                    acknowledgement = Arrays.copyOfRange(frame.bytes(), from, position());
                } else if (key.equals("compressed") && nextType() != ValueType.NIL) {
                    compressed = name("compression");
                } else {
                    in.skipValue();
                }
            }
        }

        private byte[] gunzip(int from, int size) throws IOException {
            try (GZIPInputStream plain = new GZIPInputStream(new ByteArrayInputStream(frame.bytes(), from, size), 8192)) {
                // One byte more than allowed tells what is too large from what just fits.
                byte[] bytes = plain.readNBytes(limits.decompressedBytes() + 1);
                if (bytes.length > limits.decompressedBytes()) {
                    throw new Refusal(Reason.TOO_LARGE, "a compressed message of more than "
                        + ForwardSourceConfig.DECOMPRESSED_MAX_BYTES + "=" + limits.decompressedBytes() + " bytes");
                }
                return bytes;
            }
        }

        private String name(String what) throws IOException {
            int from = position();
            String name = JsonWriter.asText(in, text);
            if (position() - from > LONGEST_NAME) {
                throw new Refusal(Reason.TOO_LARGE, "a " + what + " of more than " + LONGEST_NAME + " bytes");
            }
            return name;
        }

        private ValueType nextType() throws IOException {
            return in.getNextFormat().getValueType();
        }

        private int position() {
            return frame.from() + (int) in.getTotalReadBytes();
        }

        private static boolean isText(ValueType type) {
            return type == ValueType.STRING || type == ValueType.BINARY;
        }
    }
}
