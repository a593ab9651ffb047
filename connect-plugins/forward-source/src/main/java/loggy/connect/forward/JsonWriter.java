// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.msgpack.core.ExtensionTypeHeader;
import org.msgpack.core.MessageFormat;
import org.msgpack.core.MessageUnpacker;

/**
 * Writes msgpack straight as UTF-8 JSON, by the rule in docs/connectors/forward-source.md. Keeps one buffer; not
 * thread-safe. Recursion is bounded by the depth that {@link Walker} let through.
 */
final class JsonWriter implements ValueFormat {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int LARGEST_KEPT_BUFFER = 1 << 20;

    private final Text text;
    private final EventTime time = new EventTime();
    private byte[] out = new byte[1024];
    private int length;

    JsonWriter(Text text) {
        this.text = text;
    }

    @Override
    public byte[] read(MessageUnpacker in) throws IOException {
        length = 0;
        value(in);
        byte[] result = Arrays.copyOf(out, length);
        if (out.length > LARGEST_KEPT_BUFFER) {
            out = new byte[1024];
        }
        return result;
    }

    /** A map key or a record key: strings as they are, anything else as its JSON text. */
    static String asText(MessageUnpacker in, Text text) throws IOException {
        switch (in.getNextFormat().getValueType()) {
            case STRING:
                return text.decode(in.readPayload(in.unpackRawStringHeader()));
            case BINARY:
                return text.decode(in.readPayload(in.unpackBinaryHeader()));
            default:
                String json = new String(new JsonWriter(text).read(in), StandardCharsets.UTF_8);
                return json.startsWith("\"") ? json.substring(1, json.length() - 1) : json;
        }
    }

    private void value(MessageUnpacker in) throws IOException {
        switch (in.getNextFormat().getValueType()) {
            case STRING -> string(in, in.unpackRawStringHeader());
            case BINARY -> string(in, in.unpackBinaryHeader());
            case INTEGER -> integer(in);
            case MAP -> map(in);
            case ARRAY -> array(in);
            case BOOLEAN -> ascii(in.unpackBoolean() ? "true" : "false");
            case FLOAT -> floating(in);
            case NIL -> {
                in.unpackNil();
                ascii("null");
            }
            case EXTENSION -> quoted(extension(in, time));
        }
    }

    /** EventTime and msgpack's timestamp as ISO-8601, any other extension as base64 of its payload. */
    static String extension(MessageUnpacker in, EventTime time) throws IOException {
        ExtensionTypeHeader header = in.unpackExtensionTypeHeader();
        if (header.getType() == EventTime.EXTENSION_TYPE && header.getLength() == EventTime.EXTENSION_LENGTH) {
            time.readExtension(in, header);
            return time.text();
        }
        int size = header.getLength();
        if (header.isTimestampType() && (size == 4 || size == 8 || size == 12)) {
            return Timestamps.text(in.readPayload(size));
        }
        return Base64.getEncoder().encodeToString(in.readPayload(size));
    }

    private void map(MessageUnpacker in) throws IOException {
        int size = in.unpackMapHeader();
        put('{');
        for (int i = 0; i < size; i++) {
            if (i > 0) {
                put(',');
            }
            key(in);
            put(':');
            value(in);
        }
        put('}');
    }

    private void key(MessageUnpacker in) throws IOException {
        switch (in.getNextFormat().getValueType()) {
            case STRING -> string(in, in.unpackRawStringHeader());
            case BINARY -> string(in, in.unpackBinaryHeader());
            default -> {
                byte[] key = asText(in, text).getBytes(StandardCharsets.UTF_8);
                room(key.length + 2);
                System.arraycopy(key, 0, out, length + 1, key.length);
                string(key.length);
            }
        }
    }

    private void array(MessageUnpacker in) throws IOException {
        int size = in.unpackArrayHeader();
        put('[');
        for (int i = 0; i < size; i++) {
            if (i > 0) {
                put(',');
            }
            value(in);
        }
        put(']');
    }

    private void integer(MessageUnpacker in) throws IOException {
        boolean unsigned = in.getNextFormat() == MessageFormat.UINT64;
        ascii(unsigned ? in.unpackBigInteger().toString() : Long.toString(in.unpackLong()));
    }

    private void floating(MessageUnpacker in) throws IOException {
        // A float's own shortest digits: widened to double, 0.1f would read 0.10000000149011612.
        boolean single = in.getNextFormat() == MessageFormat.FLOAT32;
        float narrow = single ? in.unpackFloat() : 0;
        double wide = single ? narrow : in.unpackDouble();
        ascii(!Double.isFinite(wide) ? "null" : single ? Float.toString(narrow) : Double.toString(wide));
    }

    private void string(MessageUnpacker in, int size) throws IOException {
        room(size + 2);
        in.readPayload(out, length + 1, size);
        string(size);
    }

    /** Quotes the {@code size} bytes that lie, one byte further on, where the string is to begin. */
    private void string(int size) {
        int from = length + 1;
        boolean plain = true;
        boolean ascii = true;
        for (int i = from; i < from + size; i++) {
            byte b = out[i];
            if (b < 0) {
                ascii = false;
            } else if (b < ' ' || b == '"' || b == '\\') {
                plain = false;
            }
        }
        boolean valid = ascii || text.countInvalid(out, from, size);
        if (plain && valid) {
            out[length] = '"';
            length = from + size;
            put('"');
            return;
        }
        byte[] bytes = Arrays.copyOfRange(out, from, from + size);
        escaped(valid ? bytes : new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8));
    }

    private void escaped(byte[] bytes) {
        room((int) Math.min(6L * bytes.length + 2, Integer.MAX_VALUE - 8L - length));
        out[length++] = '"';
        for (byte b : bytes) {
            if (b < 0 || b >= ' ' && b != '"' && b != '\\') {
                out[length++] = b;
                continue;
            }
            out[length++] = '\\';
            switch (b) {
                case '"', '\\' -> out[length++] = b;
                case '\n' -> out[length++] = 'n';
                case '\r' -> out[length++] = 'r';
                case '\t' -> out[length++] = 't';
                default -> {
                    out[length++] = 'u';
                    out[length++] = '0';
                    out[length++] = '0';
                    out[length++] = HEX[b >> 4];
                    out[length++] = HEX[b & 0x0f];
                }
            }
        }
        out[length++] = '"';
    }

    private void quoted(String ascii) {
        put('"');
        ascii(ascii);
        put('"');
    }

    @SuppressWarnings("deprecation")
    private void ascii(String value) {
        room(value.length());
        // The deprecated copy is the one without an encoder, and right for ASCII.
        value.getBytes(0, value.length(), out, length);
        length += value.length();
    }

    private void put(char ascii) {
        room(1);
        out[length++] = (byte) ascii;
    }

    private void room(int bytes) {
        if (out.length - length < bytes) {
            out = Arrays.copyOf(out, (int) Math.min(Math.max(2L * out.length, (long) length + bytes), Integer.MAX_VALUE - 8));
        }
    }
}
