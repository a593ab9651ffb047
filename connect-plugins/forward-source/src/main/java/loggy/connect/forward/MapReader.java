// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.msgpack.core.MessageFormat;
import org.msgpack.core.MessageUnpacker;

/** Reads msgpack as maps, lists and boxed values that JsonConverter takes without a schema. Not thread-safe. */
final class MapReader implements ValueFormat {
    /** What a claimed size may reserve ahead; the rest grows with what is really there. */
    private static final int LARGEST_PRESIZE = 64;
    private static final BigInteger LARGEST_LONG = BigInteger.valueOf(Long.MAX_VALUE);

    private final Text text;
    private final EventTime time = new EventTime();

    MapReader(Text text) {
        this.text = text;
    }

    @Override
    public Object read(MessageUnpacker in) throws IOException {
        return switch (in.getNextFormat().getValueType()) {
            case STRING -> text.decode(in.readPayload(in.unpackRawStringHeader()));
            case BINARY -> text.decode(in.readPayload(in.unpackBinaryHeader()));
            case INTEGER -> integer(in);
            case MAP -> map(in);
            case ARRAY -> array(in);
            case BOOLEAN -> in.unpackBoolean();
            case FLOAT -> floating(in);
            case NIL -> {
                in.unpackNil();
                yield null;
            }
            case EXTENSION -> JsonWriter.extension(in, time);
        };
    }

    private Map<String, Object> map(MessageUnpacker in) throws IOException {
        int size = in.unpackMapHeader();
        Map<String, Object> map = new LinkedHashMap<>(Math.min(size, LARGEST_PRESIZE) * 4 / 3 + 1);
        for (int i = 0; i < size; i++) {
            map.put(JsonWriter.asText(in, text), read(in));
        }
        return map;
    }

    private List<Object> array(MessageUnpacker in) throws IOException {
        int size = in.unpackArrayHeader();
        List<Object> list = new ArrayList<>(Math.min(size, LARGEST_PRESIZE));
        for (int i = 0; i < size; i++) {
            list.add(read(in));
        }
        return list;
    }

    private static Object integer(MessageUnpacker in) throws IOException {
        if (in.getNextFormat() != MessageFormat.UINT64) {
            return in.unpackLong();
        }
        BigInteger value = in.unpackBigInteger();
        // Connect has no type for it without a schema, and JsonConverter would fail the task: the digits, as text.
        return value.compareTo(LARGEST_LONG) > 0 ? value.toString() : (Object) value.longValue();
    }

    private static Object floating(MessageUnpacker in) throws IOException {
        if (in.getNextFormat() == MessageFormat.FLOAT32) {
            float value = in.unpackFloat();
            return Float.isFinite(value) ? value : null;
        }
        double value = in.unpackDouble();
        return Double.isFinite(value) ? value : null;
    }
}
