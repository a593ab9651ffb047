// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import loggy.connect.forward.Refusal.Reason;

/**
 * The events of one message, still as msgpack: checked once for shape and limits, decoded later and in batches, so that
 * what waits in memory is what was sent and not a multiple of it.
 *
 * @param enclosed whether each event is an array of its own (all modes but message mode)
 * @param count events with a record; {@code nil} in place of one is skipped, as Fluentd does
 */
record Entries(byte[] bytes, int from, int to, boolean enclosed, int count) {
    private static final int NIL = 0xc0;

    /** Checks every entry; throws {@link Refusal} on the first that is none. */
    static Entries check(byte[] bytes, int from, int to, boolean enclosed, Limits limits) {
        Walker walker = new Walker(limits.depth(), Integer.MAX_VALUE);
        int count = 0;
        int at = from;
        while (at < to) {
            int fields = 2;
            if (enclosed) {
                fields = bytes[at] & 0xff;
                if (fields < 0x92 || fields > 0x9f) {
                    throw Refusal.malformed("an entry that is no array of time and record");
                }
                fields -= 0x90;
                at++;
            }
            requireTime(bytes, at, to);
            at = skip(walker, bytes, at, to);
            if (!isNil(bytes, at, to)) {
                requireMap(bytes, at, to);
                count++;
            }
            int end = skip(walker, bytes, at, to);
            if (end - at > limits.eventBytes()) {
                throw tooLarge(end - at, limits.eventBytes());
            }
            at = end;
            for (int extra = 2; extra < fields; extra++) {
                at = skip(walker, bytes, at, to);
            }
        }
        return new Entries(bytes, from, to, enclosed, count);
    }

    static Refusal tooLarge(int bytes, int limit) {
        return new Refusal(Reason.TOO_LARGE, "an event of " + bytes + " bytes, where " + ForwardSourceConfig.EVENT_MAX_BYTES
            + " allows " + limit);
    }

    private static int skip(Walker walker, byte[] bytes, int at, int to) {
        if (!walker.walk(bytes, at, to)) {
            throw Refusal.malformed("an entry that ends in the middle of a value");
        }
        return walker.position();
    }

    private static boolean isNil(byte[] bytes, int at, int to) {
        return at < to && (bytes[at] & 0xff) == NIL;
    }

    private static void requireMap(byte[] bytes, int at, int to) {
        int format = at < to ? bytes[at] & 0xff : NIL;
        if (!(format >= 0x80 && format <= 0x8f || format == 0xde || format == 0xdf)) {
            throw Refusal.malformed("a record that is no map");
        }
    }

    /** Integer, EventTime, float or nil; or an array that begins with one (Fluent Bit's time with metadata). */
    private static void requireTime(byte[] bytes, int at, int to) {
        int inner = at < to && (bytes[at] & 0xf0) == 0x90 && bytes[at] != (byte) 0x90 ? at + 1 : at;
        int format = inner < to ? bytes[inner] & 0xff : 0xc1;
        boolean integer = format < 0x80 || format >= 0xe0 || format >= 0xcc && format <= 0xd3;
        boolean floating = format == 0xca || format == 0xcb;
        boolean eventTime = inner + 1 < to && (format == 0xd7 && bytes[inner + 1] == EventTime.EXTENSION_TYPE
            || format == 0xc7 && bytes[inner + 1] == EventTime.EXTENSION_LENGTH);
        if (!integer && !floating && !eventTime && format != NIL) {
            throw Refusal.malformed("an entry whose time is neither integer nor EventTime");
        }
    }
}
