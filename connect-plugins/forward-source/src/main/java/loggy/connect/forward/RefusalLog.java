// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warns of refused connections, so many a minute and no more: peers decide how often they are refused. */
final class RefusalLog {
    private static final Logger LOG = LoggerFactory.getLogger(RefusalLog.class);
    private static final int PER_MINUTE = 20;
    private static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(1);

    private long windowStart;
    private int inWindow = -1;

    void warn(String peer, String listener, Refusal refusal, long now) {
        if (inWindow < 0 || now - windowStart >= WINDOW_NANOS) {
            if (inWindow > PER_MINUTE) {
                LOG.warn("{} more connections were refused; their warnings were left out", inWindow - PER_MINUTE);
            }
            windowStart = now;
            inWindow = 0;
        }
        if (++inWindow <= PER_MINUTE) {
            LOG.warn("Closed the connection of {} to {}: {}", peer, listener, printable(refusal.getMessage()));
        }
    }

    /** Line breaks and control characters come from the peer, who could fake log lines with them. */
    private static String printable(String message) {
        return message.replaceAll("\\p{Cntrl}", "?");
    }
}
