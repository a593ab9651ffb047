// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;

/** Joins the worker's poll loop and the delivery: hands records over, pauses, commits, and never blocks for long. */
public final class ElasticsearchSinkTask extends SinkTask {
    /** Longest time that put waits for room in the buffer before it pauses consumption instead. */
    private static final long ROOM_WAIT_NS = TimeUnit.SECONDS.toNanos(1);
    private static final double RESUME_SHARE = 0.75;
    /** How soon the worker calls again when no records come: to resume, and to see a failure while nothing comes. */
    private static final long PAUSED_POLL_MS = 100;
    private static final long PENDING_POLL_MS = 500;

    private ScheduledExecutorService timer;
    private ExecutorService executor;
    private SinkMetrics metrics;
    private Delivery delivery;
    private RefusedRecords refused;
    private long flushTimeoutNs;

    /** The worker makes it. */
    public ElasticsearchSinkTask() {
    }

    @Override
    public String version() {
        return Version.VERSION;
    }

    @Override
    public void start(Map<String, String> properties) {
        SinkConfig config = new SinkConfig(properties);
        String connector = properties.getOrDefault("name", "elasticsearch-sink");
        String id = properties.getOrDefault(SinkConfig.TASK_ID, "0");
        ThreadFactory threads = threads(connector + "-" + id);
        executor = Executors.newFixedThreadPool(2, threads);
        timer = Executors.newSingleThreadScheduledExecutor(threads);
        metrics = new SinkMetrics(connector, id);
        ElasticsearchHttp http = new ElasticsearchHttp(config, executor);
        SinkConfig.OnRefused policy = config.choice(SinkConfig.ON_REFUSED_DOCUMENT, SinkConfig.OnRefused.class);
        ErrantRecordReporter reporter = policy == SinkConfig.OnRefused.REPORT ? reporter(properties) : null;
        delivery = new Delivery(config, reporter != null, http, timer, metrics, new Trouble(connector + "-" + id, metrics));
        refused = new RefusedRecords(policy, reporter, delivery, metrics);
        flushTimeoutNs = TimeUnit.MILLISECONDS.toNanos(config.getLong(SinkConfig.FLUSH_TIMEOUT));
        metrics.register();
    }

    private static ThreadFactory threads(String task) {
        return work -> {
            Thread thread = new Thread(work, "elasticsearch-sink-" + task);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** With errors.log.enable and no dead-letter topic there is a reporter too, but one that only logs: a loss. */
    private ErrantRecordReporter reporter(Map<String, String> properties) {
        return properties.getOrDefault(SinkConfig.DLQ_TOPIC, "").isBlank() ? null : context.errantRecordReporter();
    }

    @Override
    public void put(Collection<SinkRecord> records) {
        delivery.check();
        delivery.add(records);
        refused.settle();
        boolean full = metrics.paused ? delivery.isFull(RESUME_SHARE) : !awaitRoom();
        pause(full);
        if (!delivery.isSettled()) {
            context.timeout(full ? PAUSED_POLL_MS : PENDING_POLL_MS);
        }
        delivery.check();
    }

    SinkMetricsMBean metrics() {
        return metrics;
    }

    private boolean awaitRoom() {
        return await(ROOM_WAIT_NS, () -> !delivery.isFull(1));
    }

    private interface Goal {
        boolean isReached();
    }

    private boolean await(long nanos, Goal goal) {
        long end = System.nanoTime() + nanos;
        while (!goal.isReached()) {
            long left = end - System.nanoTime();
            if (left <= 0 || delivery.isStuck()) {
                return false;
            }
            try {
                delivery.awaitChange(Math.min(left, TimeUnit.MILLISECONDS.toNanos(PAUSED_POLL_MS)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
            refused.settle();
        }
        return true;
    }

    /** Pausing instead of a RetriableException: that one is logged as an error, with its trace, at every attempt. */
    private void pause(boolean full) {
        TopicPartition[] partitions = context.assignment().toArray(TopicPartition[]::new);
        if (full) {
            // Again at every call: a rebalance brings partitions that are not paused.
            context.pause(partitions);
        } else if (metrics.paused) {
            context.resume(partitions);
        }
        metrics.paused = full;
    }

    @Override
    public Map<TopicPartition, OffsetAndMetadata> preCommit(Map<TopicPartition, OffsetAndMetadata> consumed) {
        // The worker does not say whether this is the last commit before partitions are taken away: flush always.
        delivery.flushing(true);
        refused.settle();
        await(flushTimeoutNs, delivery::isSettled);
        delivery.flushing(false);
        return delivery.committable(consumed);
    }

    @Override
    public void close(Collection<TopicPartition> partitions) {
        delivery.close(partitions);
        refused.close(partitions);
    }

    @Override
    public void stop() {
        if (delivery != null) {
            delivery.stop();
            metrics.unregister();
        }
        if (timer != null) {
            timer.shutdownNow();
            executor.shutdownNow();
        }
    }
}
