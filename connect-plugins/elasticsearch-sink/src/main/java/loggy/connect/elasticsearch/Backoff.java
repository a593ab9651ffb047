// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import java.util.function.DoubleSupplier;

/** How long to wait before the next attempt: doubling up to a limit, half of it random. There is no last attempt. */
record Backoff(long firstMs, long maxMs, DoubleSupplier random) {
    long delayMs(int attempt) {
        double full = Math.min(maxMs, firstMs * Math.pow(2, Math.max(0, attempt - 1)));
        return (long) Math.ceil(full * (0.5 + 0.5 * random.getAsDouble()));
    }
}
