// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What becomes of records that are refused for good. Works on the task's thread only: reporting may block. */
final class RefusedRecords {
    private static final Logger LOG = LoggerFactory.getLogger(RefusedRecords.class);
    private static final long WARN_EVERY_NS = TimeUnit.SECONDS.toNanos(10);

    private record Report(Item item, Future<Void> done) {
    }

    private final SinkConfig.OnRefused policy;
    private final ErrantRecordReporter reporter;
    private final Delivery delivery;
    private final SinkMetrics metrics;
    private final Deque<Report> reports = new ArrayDeque<>();
    private long warnedAt;
    private long unwarned;
    private boolean warned;

    /** The reporter is null where the policy does not ask for one, or there is no dead-letter topic: to report is to fail. */
    RefusedRecords(SinkConfig.OnRefused policy, ErrantRecordReporter reporter, Delivery delivery, SinkMetrics metrics) {
        this.policy = policy;
        this.reporter = reporter;
        this.delivery = delivery;
        this.metrics = metrics;
    }

    /** Decides on what was refused since the last call, and accounts for what has been reported since. */
    void settle() {
        for (Delivery.Refused refused : delivery.takeRefused()) {
            if (refused.item().partition.isClosed()) {
                // The next owner of the partition gets the record again, and decides.
                delivery.accountFor(refused.item());
                continue;
            }
            metrics.refused.increment();
            metrics.lastError = refused.item() + ": " + refused.reason();
            if (policy == SinkConfig.OnRefused.DROP) {
                warn(refused, "dropped, as " + SinkConfig.ON_REFUSED_DOCUMENT + " says");
                delivery.accountFor(refused.item());
            } else if (reporter != null) {
                warn(refused, "reported to the dead-letter topic");
                report(refused);
            } else {
                fail(refused);
                return;
            }
        }
        while (!reports.isEmpty() && reports.peek().done.isDone()) {
            confirm(reports.poll());
        }
    }

    private void report(Delivery.Refused refused) {
        reports.add(new Report(refused.item(),
            reporter.report(refused.item().record, new RefusedDocument(refused.item() + ": " + refused.reason()))));
    }

    private void confirm(Report report) {
        try {
            report.done.get();
            delivery.accountFor(report.item);
        } catch (ExecutionException e) {
            delivery.fail(new ConnectException("Cannot report the refused record " + report.item
                + " to the dead-letter topic: " + e.getCause() + ". It stays uncommitted: correct the cause and restart "
                + "the task", e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void fail(Delivery.Refused refused) {
        delivery.fail(new ConnectException("Record " + refused.item() + " is refused for good: " + refused.reason()
            + ". It stays uncommitted. Set up a dead-letter topic (" + SinkConfig.DLQ_TOPIC + " and errors.tolerance=all) "
            + "with " + SinkConfig.ON_REFUSED_DOCUMENT + "=report, or correct the mapping, and restart the task"));
    }

    private void warn(Delivery.Refused refused, String fate) {
        long now = System.nanoTime();
        unwarned++;
        if (!warned || now - warnedAt >= WARN_EVERY_NS) {
            LOG.warn("{} refused record(s) {}, the last one {}: {}", unwarned, fate, refused.item(), refused.reason());
            warned = true;
            warnedAt = now;
            unwarned = 0;
        }
    }

    void close(Collection<?> partitions) {
        reports.removeIf(report -> {
            boolean closed = partitions.contains(report.item.partition.name());
            if (closed) {
                delivery.accountFor(report.item);
            }
            return closed;
        });
    }
}
