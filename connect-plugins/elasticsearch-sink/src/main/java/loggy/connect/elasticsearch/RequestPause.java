// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

/** Holds requests back while the cluster takes none: one pause for all of them, longer after each failure. */
final class RequestPause {
    private final Backoff backoff;
    private int failures;
    private long until;

    RequestPause(Backoff backoff, long now) {
        this.backoff = backoff;
        this.until = now;
    }

    boolean isOver(long now) {
        return now - until >= 0;
    }

    /** A request failed. Returns the pause (ns) that begins with it, or 0 when one is on already. */
    long failed(long now) {
        if (!isOver(now)) {
            // Requests that were in flight together fail together, and count as one failure.
            return 0;
        }
        long pause = backoff.delayMs(++failures) * 1_000_000;
        until = now + pause;
        return pause;
    }

    void succeeded(long now) {
        failures = 0;
        until = now;
    }

    boolean isFailing() {
        return failures > 0;
    }
}
