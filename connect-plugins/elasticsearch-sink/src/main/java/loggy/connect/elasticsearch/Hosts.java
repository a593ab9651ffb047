// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import java.net.URI;
import java.util.List;
import java.util.function.LongSupplier;

/** Which node gets the next request: in turn, without those that failed lately. Not thread-safe. */
final class Hosts {
    private static final long FIRST_PAUSE_MS = 1000;
    private static final long MAX_PAUSE_MS = 30_000;

    static final class Host {
        final URI uri;
        private int failures;
        private long deadUntilMs = Long.MIN_VALUE;

        private Host(URI uri) {
            this.uri = uri;
        }
    }

    private final List<Host> hosts;
    private final LongSupplier clockMs;
    private int turn;

    Hosts(List<URI> uris, LongSupplier clockMs) {
        this.hosts = uris.stream().map(Host::new).toList();
        this.clockMs = clockMs;
    }

    /** The next live host; of dead ones only, the one that comes back first. */
    Host next() {
        Host best = null;
        for (int i = 0; i < hosts.size(); i++) {
            Host host = hosts.get((turn + i) % hosts.size());
            if (isAlive(host)) {
                turn = (turn + i + 1) % hosts.size();
                return host;
            }
            if (best == null || host.deadUntilMs < best.deadUntilMs) {
                best = host;
            }
        }
        return best;
    }

    void failed(Host host) {
        host.failures++;
        long pause = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS << Math.min(10, host.failures - 1));
        host.deadUntilMs = clockMs.getAsLong() + pause;
    }

    void succeeded(Host host) {
        host.failures = 0;
        host.deadUntilMs = Long.MIN_VALUE;
    }

    boolean anyAlive() {
        return hosts.stream().anyMatch(this::isAlive);
    }

    private boolean isAlive(Host host) {
        return host.deadUntilMs <= clockMs.getAsLong();
    }
}
