// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Cuts the byte stream of one connection into complete top-level msgpack values; decodes nothing. */
final class Framer {
    private static final byte[] EMPTY = {};
    private static final int NIL = 0xc0;
    private static final int SMALLEST_BUFFER = 4096;
    /** The levels of a forward mode message around a record: message, entries, entry. */
    private static final int LEVELS_AROUND_RECORD = 3;

    /** A complete value: {@code bytes[from..to)}. The array is shared between frames and never written again. */
    record Frame(byte[] bytes, int from, int to) {
        int size() {
            return to - from;
        }
    }

    private final Walker walker;
    private byte[] buffer = EMPTY;
    private int start;
    private int position;
    private int end;

    Framer(Limits limits) {
        walker = new Walker(limits.depth() + LEVELS_AROUND_RECORD, limits.messageBytes());
    }

    void limit(int bytes) {
        walker.limit(bytes);
    }

    void feed(ByteBuffer data) {
        int needed = end + data.remaining();
        if (needed > buffer.length) {
            long doubled = Math.max(2L * buffer.length, SMALLEST_BUFFER);
            int grown = buffer.length == 0 ? needed : (int) Math.min(Math.max(needed, doubled), Integer.MAX_VALUE - 8);
            buffer = Arrays.copyOf(buffer, grown);
        }
        int length = data.remaining();
        data.get(buffer, end, length);
        end += length;
    }

    /** The next complete value, or null when more bytes are needed first. */
    Frame next() {
        if (position == start && start < end) {
            refuseOtherThanArrayOrNil(buffer[start] & 0xff);
        }
        if (!walker.walk(buffer, position, end)) {
            position = walker.position();
            keepRemainder();
            return null;
        }
        Frame frame = new Frame(buffer, start, walker.position());
        start = position = frame.to();
        return frame;
    }

    /** Bytes of a value that is not complete yet. */
    int pending() {
        return end - start;
    }

    private static void refuseOtherThanArrayOrNil(int format) {
        boolean array = format >= 0x90 && format <= 0x9f || format == 0xdc || format == 0xdd;
        if (!array && format != NIL) {
            throw Refusal.malformed(format == '{' || format == '['
                ? "JSON where a msgpack array belongs" : String.format("byte 0x%02x where an array belongs", format));
        }
    }

    private void keepRemainder() {
        if (start == 0) {
            return;
        }
        buffer = start == end ? EMPTY : Arrays.copyOfRange(buffer, start, Math.max(end, start + SMALLEST_BUFFER));
        position -= start;
        end -= start;
        start = 0;
    }
}
