// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.io.IOException;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.msgpack.core.ExtensionTypeHeader;
import org.msgpack.core.MessageFormat;
import org.msgpack.core.MessageUnpacker;

/** Reads event times and writes them as ISO-8601 in UTC with nanoseconds. Not thread-safe: it remembers the last second. */
final class EventTime {
    static final byte EXTENSION_TYPE = 0;
    static final int EXTENSION_LENGTH = 8;
    private static final int NANOS = 1_000_000_000;
    private static final long YEAR_10000 = 253_402_300_800L;
    private static final DateTimeFormatter TO_SECOND = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.");

    private long lastSecond = -1;
    private String lastText = "";
    private long seconds;
    private int nanos;

    /** Reads integer, EventTime, float, nil, or the array {@code [time, metadata]} that Fluent Bit sends. */
    void read(MessageUnpacker in) throws IOException {
        switch (in.getNextFormat().getValueType()) {
            case INTEGER -> set(integer(in), 0);
            case FLOAT -> {
                double time = in.unpackDouble();
                long whole = (long) Math.floor(time);
                set(whole, (int) ((time - whole) * NANOS));
            }
            case EXTENSION -> readExtension(in, in.unpackExtensionTypeHeader());
            case ARRAY -> {
                int size = in.unpackArrayHeader();
                read(in);
                in.skipValue(size - 1);
            }
            default -> {
                in.skipValue();
                set(0, 0);
            }
        }
    }

    void readExtension(MessageUnpacker in, ExtensionTypeHeader header) throws IOException {
        if (header.getType() != EXTENSION_TYPE || header.getLength() != EXTENSION_LENGTH) {
            in.readPayload(header.getLength());
            set(0, 0);
            return;
        }
        byte[] payload = in.readPayload(EXTENSION_LENGTH);
        set(unsigned(payload, 0), unsigned(payload, 4));
    }

    long millis() {
        return seconds * 1000 + nanos / 1_000_000;
    }

    String text() {
        if (seconds != lastSecond) {
            lastSecond = seconds;
            lastText = TO_SECOND.format(LocalDateTime.ofEpochSecond(seconds, 0, ZoneOffset.UTC));
        }
        char[] text = new char[lastText.length() + 10];
        lastText.getChars(0, lastText.length(), text, 0);
        text[text.length - 1] = 'Z';
        for (int at = text.length - 2, rest = nanos; at >= lastText.length(); at--, rest /= 10) {
            text[at] = (char) ('0' + rest % 10);
        }
        return new String(text);
    }

    /** Zero means unknown to Fluentd, and Kafka refuses negative times: both become the time of arrival. */
    void set(long second, long nano) {
        if (second <= 0 || second >= YEAR_10000) {
            Instant now = Instant.now();
            seconds = now.getEpochSecond();
            nanos = now.getNano();
        } else {
            seconds = second;
            nanos = (int) Math.min(nano, NANOS - 1);
        }
    }

    private static long integer(MessageUnpacker in) throws IOException {
        return in.getNextFormat() == MessageFormat.UINT64
            ? in.unpackBigInteger().min(BigInteger.valueOf(Long.MAX_VALUE)).longValue() : in.unpackLong();
    }

    private static long unsigned(byte[] bytes, int at) {
        return (bytes[at] & 0xffL) << 24 | (bytes[at + 1] & 0xff) << 16 | (bytes[at + 2] & 0xff) << 8
            | bytes[at + 3] & 0xff;
    }
}
