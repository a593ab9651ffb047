// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.util.Arrays;
import loggy.connect.forward.Refusal.Reason;

/**
 * Finds where a msgpack value ends, resumably, without decoding it; refuses what claims more bytes or levels than it may.
 * Decoding is the business of the msgpack library, which cannot stop in the middle of a value and go on later.
 */
final class Walker {
    private static final int FIRST_TABLED = 0xc0;
    private static final int NEVER_USED = 0xc1;
    /** By format byte from 0xc0 on: bytes of the big-endian length that follows. */
    private static final int[] LENGTH_BYTES = {
        0, 0, 0, 0, 1, 2, 4, 1, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 2, 4, 2, 4};
    /** By format byte from 0xc0 on: bytes that follow whatever the length says (numbers, the type of an extension). */
    private static final int[] FIXED_BYTES = {
        0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 2, 3, 5, 9, 17, 0, 0, 0, 0, 0, 0, 0};

    private final int maxDepth;
    private long maxBytes;
    private long[] open = new long[8];
    private int depth;
    private long expected;
    private long payload;
    private long walked;
    private boolean inside;
    private int position;

    Walker(int maxDepth, long maxBytes) {
        this.maxDepth = maxDepth;
        this.maxBytes = maxBytes;
    }

    void limit(long bytes) {
        maxBytes = bytes;
    }

    /** Goes on at {@code from}; true when the value is complete, and the next call begins a new one. */
    boolean walk(byte[] bytes, int from, int to) {
        position = from;
        while (true) {
            if (payload > 0) {
                int step = (int) Math.min(payload, to - position);
                advance(step);
                payload -= step;
                if (payload > 0) {
                    return false;
                }
            }
            if (inside && closeContainers()) {
                return true;
            }
            if (!header(bytes, to)) {
                return false;
            }
        }
    }

    /** Where the last walk stopped. */
    int position() {
        return position;
    }

    /** Whether a value has been begun and is not complete. */
    boolean isInside() {
        return inside;
    }

    private void advance(int bytes) {
        position += bytes;
        walked += bytes;
    }

    private boolean closeContainers() {
        while (depth > 0 && open[depth - 1] == 0) {
            depth--;
        }
        if (depth > 0) {
            return false;
        }
        inside = false;
        walked = 0;
        return true;
    }

    private boolean header(byte[] bytes, int to) {
        if (position >= to) {
            return false;
        }
        int format = bytes[position] & 0xff;
        int lengthBytes = format < FIRST_TABLED || format >= 0xe0 ? 0 : LENGTH_BYTES[format - FIRST_TABLED];
        if (to - position < 1 + lengthBytes) {
            return false;
        }
        long length = 0;
        for (int i = 1; i <= lengthBytes; i++) {
            length = length << 8 | bytes[position + i] & 0xff;
        }
        if (depth > 0) {
            open[depth - 1]--;
            expected--;
        }
        inside = true;
        advance(1 + lengthBytes);
        enter(format, length);
        if (walked + payload + expected > maxBytes) {
            throw new Refusal(Reason.TOO_LARGE, "a message of at least " + (walked + payload + expected)
                + " bytes, where " + maxBytes + " are allowed");
        }
        return true;
    }

    private void enter(int format, long length) {
        if (format < 0x80 || format >= 0xe0) {
            return;
        }
        if (format < 0x90) {
            open(2L * (format & 0x0f));
        } else if (format < 0xa0) {
            open(format & 0x0f);
        } else if (format < FIRST_TABLED) {
            payload = format & 0x1f;
        } else if (format >= 0xde) {
            open(2 * length);
        } else if (format >= 0xdc) {
            open(length);
        } else if (format == NEVER_USED) {
            throw Refusal.malformed("the byte 0xc1, which msgpack never uses");
        } else {
            payload = length + FIXED_BYTES[format - FIRST_TABLED];
        }
    }

    private void open(long values) {
        if (depth == maxDepth) {
            throw new Refusal(Reason.TOO_DEEP, "arrays and maps nested deeper than " + maxDepth + " levels");
        }
        if (depth == open.length) {
            open = Arrays.copyOf(open, depth * 2);
        }
        open[depth++] = values;
        expected += values;
    }
}
