// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Warns of refused connections, so many a minute and no more: peers decide how often they are refused. */
final class RefusalLog {
    static final int PER_MINUTE = 20;
    private static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Consumer<String> log;
    private long windowStart;
    private int inWindow = -1;

    RefusalLog(Consumer<String> log) {
        this.log = log;
    }

    void warn(String peer, String listener, Refusal refusal, long now) {
        if (inWindow < 0 || now - windowStart >= WINDOW_NANOS) {
            if (inWindow > PER_MINUTE) {
                log.accept(inWindow - PER_MINUTE + " more connections were refused; their warnings were left out");
            }
            windowStart = now;
            inWindow = 0;
        }
        if (++inWindow <= PER_MINUTE) {
            log.accept("Closed the connection of " + peer + " to " + listener + ": " + printable(refusal.getMessage()));
        }
    }

    /** Line breaks and control characters come from the peer, who could fake log lines with them. */
    private static String printable(String message) {
        return message.replaceAll("\\p{Cntrl}", "?");
    }
}
