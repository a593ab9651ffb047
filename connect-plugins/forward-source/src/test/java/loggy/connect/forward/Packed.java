// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePacker;

/** Packs Java values and whole forward messages, written from the protocol's specification alone. */
final class Packed {
    /** An extension value; EventTime is type 0 with 8 bytes. */
    record Ext(byte type, byte[] data) { }

    private Packed() { }

    static byte[] value(Object value) {
        try (MessageBufferPacker out = MessagePack.newDefaultBufferPacker()) {
            write(out, value);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Ext eventTime(long seconds, int nanos) {
        byte[] data = java.nio.ByteBuffer.allocate(8).putInt((int) seconds).putInt(nanos).array();
        return new Ext((byte) 0, data);
    }

    static byte[] message(String tag, Object time, Object record, Map<String, ?> option) {
        return value(option == null ? listOf(tag, time, record) : listOf(tag, time, record, option));
    }

    static byte[] forward(String tag, List<?> entries, Map<String, ?> option) {
        return value(option == null ? listOf(tag, entries) : listOf(tag, entries, option));
    }

    static byte[] packed(String tag, List<?> entries, Map<String, ?> option) {
        return value(option == null ? listOf(tag, stream(entries)) : listOf(tag, stream(entries), option));
    }

    static byte[] compressed(String tag, List<?> entries, Map<String, ?> option) {
        Map<String, Object> withCompression = new LinkedHashMap<>(option == null ? Map.of() : option);
        withCompression.put("compressed", "gzip");
        return value(listOf(tag, gzip(stream(entries)), withCompression));
    }

    static byte[] stream(List<?> entries) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        entries.forEach(entry -> bytes.writeBytes(value(entry)));
        return bytes.toByteArray();
    }

    static byte[] gzip(byte[] plain) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** A list that may hold null, which {@code List.of} may not. */
    static List<Object> listOf(Object... values) {
        return java.util.Arrays.asList(values);
    }

    private static void write(MessagePacker out, Object value) throws IOException {
        if (value == null) {
            out.packNil();
        } else if (value instanceof Boolean bool) {
            out.packBoolean(bool);
        } else if (value instanceof BigInteger big) {
            out.packBigInteger(big);
        } else if (value instanceof Float number) {
            out.packFloat(number);
        } else if (value instanceof Double number) {
            out.packDouble(number);
        } else if (value instanceof Number number) {
            out.packLong(number.longValue());
        } else if (value instanceof String text) {
            out.packString(text);
        } else if (value instanceof byte[] bytes) {
            out.packBinaryHeader(bytes.length).writePayload(bytes);
        } else if (value instanceof Ext ext) {
            out.packExtensionTypeHeader(ext.type(), ext.data().length).writePayload(ext.data());
        } else if (value instanceof Map<?, ?> map) {
            out.packMapHeader(map.size());
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                write(out, entry.getKey());
                write(out, entry.getValue());
            }
        } else {
            Collection<?> list = (Collection<?>) value;
            out.packArrayHeader(list.size());
            for (Object element : list) {
                write(out, element);
            }
        }
    }
}
