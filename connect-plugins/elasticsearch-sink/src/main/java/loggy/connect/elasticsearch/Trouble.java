// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells, at a bounded rate, that something is being retried, what to do, and once that it is over. Not thread-safe. */
final class Trouble {
    private static final Logger LOG = LoggerFactory.getLogger(Trouble.class);
    private static final long WARN_EVERY_NS = TimeUnit.SECONDS.toNanos(30);

    private final String task;
    private final SinkMetrics metrics;
    private long since;
    private long warnedAt;
    private int attempts;
    private boolean warned;

    Trouble(String task, SinkMetrics metrics) {
        this.task = task;
        this.metrics = metrics;
    }

    void report(String reason, long now) {
        if (attempts++ == 0) {
            // A kept connection that the server closed fails once and says nothing about the cluster.
            since = now;
            metrics.retryingSince = now;
        } else if (!warned || now - warnedAt >= WARN_EVERY_NS) {
            warned = true;
            warnedAt = now;
            LOG.warn("{}: sending again for {} s ({} attempts): {}. Nothing is lost: what is not indexed stays "
                + "uncommitted in Kafka, and consumption pauses when the buffer is full. {}",
                task, TimeUnit.NANOSECONDS.toSeconds(now - since), attempts, reason, advice(reason));
        }
        metrics.lastError = reason;
    }

    void over(long now) {
        if (warned) {
            LOG.info("{}: indexing again after {} s ({} attempts)", task,
                TimeUnit.NANOSECONDS.toSeconds(now - since), attempts);
        }
        attempts = 0;
        warned = false;
        metrics.retryingSince = 0;
    }

    private static String advice(String reason) {
        if (reason.contains("429")) {
            return "Elasticsearch is overloaded: give it time, or lower " + SinkConfig.REQUESTS_IN_FLIGHT + ".";
        }
        if (reason.contains("cluster_block_exception")) {
            return "Lift the block: free disk space if it is the flood stage.";
        }
        return "Check that Elasticsearch is up, healthy and reachable from this worker.";
    }
}
