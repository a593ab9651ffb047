// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;

/** Bytes that should be UTF-8, as text; what is not valid becomes U+FFFD and is counted. */
final class Text {
    private final LongAdder replaced;

    Text(LongAdder replaced) {
        this.replaced = replaced;
    }

    String decode(byte[] bytes) {
        return decode(bytes, 0, bytes.length);
    }

    String decode(byte[] bytes, int from, int length) {
        countInvalid(bytes, from, length);
        return new String(bytes, from, length, StandardCharsets.UTF_8);
    }

    /** Whether the bytes are valid UTF-8; counts them when not. */
    boolean countInvalid(byte[] bytes, int from, int length) {
        if (isUtf8(bytes, from, from + length)) {
            return true;
        }
        replaced.increment();
        return false;
    }

    private static boolean isUtf8(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            int lead = bytes[at++];
            if (lead >= 0) {
                continue;
            }
            int more = (lead & 0xe0) == 0xc0 ? 1 : (lead & 0xf0) == 0xe0 ? 2 : (lead & 0xf8) == 0xf0 ? 3 : 0;
            if (more == 0 || at + more > to) {
                return false;
            }
            int point = lead & 0x3f >> more;
            for (int i = 0; i < more; i++) {
                int next = bytes[at++];
                if ((next & 0xc0) != 0x80) {
                    return false;
                }
                point = point << 6 | next & 0x3f;
            }
            boolean overlong = point < (more == 1 ? 0x80 : more == 2 ? 0x800 : 0x10000);
            if (overlong || point > 0x10ffff || point >= 0xd800 && point <= 0xdfff) {
                return false;
            }
        }
        return true;
    }
}
