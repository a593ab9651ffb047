// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.nio.ByteBuffer;
import java.time.Instant;

/** Text of msgpack's own timestamp extension (type -1), of 4, 8 or 12 bytes. */
final class Timestamps {
    private Timestamps() { }

    static String text(byte[] payload) {
        ByteBuffer in = ByteBuffer.wrap(payload);
        long seconds;
        int nanos = 0;
        if (payload.length == 4) {
            seconds = Integer.toUnsignedLong(in.getInt());
        } else if (payload.length == 8) {
            long packed = in.getLong();
            nanos = (int) (packed >>> 34);
            seconds = packed & (1L << 34) - 1;
        } else {
            nanos = in.getInt();
            seconds = in.getLong();
        }
        long bounded = Math.max(Instant.MIN.getEpochSecond(), Math.min(Instant.MAX.getEpochSecond(), seconds));
        return Instant.ofEpochSecond(bounded, Math.min(nanos & 0x3fffffff, 999_999_999)).toString();
    }
}
