// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * Brings records into the index: fills bulk requests, keeps several in flight, sends again what must be, and knows what
 * is accounted for. Never blocks on the network; all state is under one lock. What is refused for good it only hands out.
 */
final class Delivery {
    /** What a record with its coordinates, and each of its headers, takes beside its value: measured on a 64-bit JVM. */
    private static final int RECORD_OVERHEAD = 600;
    private static final int HEADER_OVERHEAD = 350;

    record Refused(Item item, String reason) {
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Offsets offsets = new Offsets();
    private final List<Refused> refused = new ArrayList<>();

    private final BulkQueue queue;
    private final ElasticsearchHttp http;
    private final Hosts hosts;
    private final ScheduledExecutorService timer;
    private final SinkMetrics metrics;
    private final Trouble trouble;
    private final Backoff backoff;
    private final RequestPause pause;
    private final int maxInFlight;
    private final long maxBuffer;
    private final boolean keepsRecords;
    private final long refusedRequestNs;

    private int inFlight;
    /** Bulks that wait for their next attempt. */
    private int waiting;
    private long buffered;
    private boolean flushing;
    private boolean stopped;
    private ConnectException failure;

    /** With {@code keepsRecords}, those that are refused can be handed on as they came. */
    Delivery(SinkConfig config, boolean keepsRecords, ElasticsearchHttp http, ScheduledExecutorService timer,
             SinkMetrics metrics, Trouble trouble) {
        this.keepsRecords = keepsRecords;
        this.queue = new BulkQueue(config);
        this.http = http;
        this.timer = timer;
        this.metrics = metrics;
        this.trouble = trouble;
        hosts = new Hosts(config.hosts(), () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
        backoff = new Backoff(config.getLong(SinkConfig.RETRY_BACKOFF), config.getLong(SinkConfig.RETRY_BACKOFF_MAX),
            () -> ThreadLocalRandom.current().nextDouble());
        maxInFlight = config.getInt(SinkConfig.REQUESTS_IN_FLIGHT);
        maxBuffer = config.getLong(SinkConfig.BUFFER_MAX_BYTES);
        refusedRequestNs = TimeUnit.MILLISECONDS.toNanos(config.getLong(SinkConfig.REFUSED_REQUEST_TIMEOUT));
        pause = new RequestPause(backoff, System.nanoTime());
    }

    void add(Collection<SinkRecord> records) {
        lock.lock();
        try {
            records.forEach(this::add);
            dispatch();
            long patience = queue.patience(System.nanoTime());
            if (patience >= 0 && !records.isEmpty()) {
                later(this::dispatch, patience);
            }
        } finally {
            lock.unlock();
        }
    }

    private void add(SinkRecord record) {
        Item item = offsets.add(record);
        item.record = keepsRecords ? record : null;
        try {
            int size = queue.add(item, record, System.nanoTime());
            charge(item, size);
            if (size == 0) {
                metrics.ignored.increment();
                settle(item);
            }
        } catch (RefusedDocument e) {
            charge(item, 0);
            refused.add(new Refused(item, e.getMessage()));
        }
    }

    private void charge(Item item, int rendered) {
        item.cost = rendered + Item.SETTLED_COST + kept(item.record, rendered);
        buffered(item.cost);
    }

    private static int kept(SinkRecord record, int rendered) {
        if (record == null) {
            return 0;
        }
        Object value = record.value();
        int size = value instanceof byte[] bytes ? bytes.length : value instanceof String text ? text.length() : rendered;
        return size + RECORD_OVERHEAD + HEADER_OVERHEAD * record.headers().size();
    }

    private void buffered(long bytes) {
        buffered += bytes;
        metrics.bufferBytes.set(buffered);
    }

    private void settle(Item item) {
        buffered(-offsets.settle(item));
    }

    private void dispatch() {
        long now = System.nanoTime();
        while (!stopped && failure == null && inFlight < maxInFlight && pause.isOver(now)) {
            Bulk bulk = queue.next(now, flushing);
            if (bulk == null) {
                return;
            }
            send(bulk);
        }
    }

    private void send(Bulk sealed) {
        Bulk bulk = withoutClosed(sealed);
        if (bulk.isEmpty()) {
            return;
        }
        Hosts.Host host = hosts.next();
        metrics.inFlight = ++inFlight;
        long start = System.nanoTime();
        http.bulk(host.uri, bulk.bytes(), bulk.length())
            .thenApply(response -> BulkReply.read(response.statusCode(), response.body(), bulk.count()))
            .whenComplete((reply, error) -> locked(() -> {
                metrics.inFlight = --inFlight;
                count(bulk, start, error);
                if (error == null) {
                    answered(bulk, host, reply);
                } else {
                    unanswered(bulk, host, error);
                }
            }));
    }

    private Bulk withoutClosed(Bulk bulk) {
        List<Integer> owned = new ArrayList<>(bulk.count());
        for (int i = 0; i < bulk.count(); i++) {
            if (bulk.item(i).partition.isClosed()) {
                settle(bulk.item(i));
            } else {
                owned.add(i);
            }
        }
        return owned.size() == bulk.count() ? bulk : bulk.only(owned);
    }

    private void count(Bulk bulk, long start, Throwable error) {
        metrics.requests.increment();
        metrics.requestBytes.add(bulk.length());
        if (error == null) {
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            metrics.requestMillis.add(millis);
            metrics.requestMillisMax.accumulate(millis);
        }
    }

    private void unanswered(Bulk bulk, Hosts.Host host, Throwable error) {
        Throwable cause = error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
        hosts.failed(host);
        bulk.blockedSince = 0;
        again(bulk, "no answer from " + host.uri + ": " + cause, true);
    }

    private void answered(Bulk bulk, Hosts.Host host, BulkReply reply) {
        switch (reply.request()) {
            case DONE -> {
                hosts.succeeded(host);
                pause.succeeded(System.nanoTime());
                accounted(bulk, host, reply);
            }
            case TOO_LARGE -> tooLarge(bulk, reply.reason());
            case RETRY -> {
                boolean overloaded = reply.reason().startsWith("HTTP 429");
                if (!overloaded) {
                    hosts.failed(host);
                }
                bulk.blockedSince = 0;
                again(bulk, host.uri + " answered " + reply.reason(), !overloaded);
            }
            default -> {
                blocked(bulk, host.uri + " answered " + reply.reason());
                again(bulk, host.uri + " answered " + reply.reason(), false);
            }
        }
    }

    private void accounted(Bulk bulk, Hosts.Host host, BulkReply reply) {
        List<Integer> remaining = new ArrayList<>();
        String reason = null;
        boolean isBlocked = false;
        int done = 0;
        for (int i = 0; i < bulk.count(); i++) {
            BulkReply.Outcome outcome = reply.isAllDone() ? BulkReply.Outcome.DONE : reply.items().get(i);
            switch (outcome.fate()) {
                case DONE -> {
                    done++;
                    settle(bulk.item(i));
                }
                case REFUSED -> refused.add(new Refused(bulk.item(i), outcome.reason()));
                default -> {
                    remaining.add(i);
                    isBlocked |= outcome.fate() == BulkReply.Fate.BLOCKED;
                    reason = outcome.reason();
                }
            }
        }
        metrics.indexed.add(done);
        if (remaining.isEmpty()) {
            trouble.over(System.nanoTime());
            return;
        }
        Bulk rest = bulk.only(remaining);
        String report = rest.count() + " of " + bulk.count() + " items sent to " + host.uri + ", first " + rest.item(0)
            + ", answered " + reason;
        if (isBlocked) {
            blocked(rest, report);
        } else {
            rest.blockedSince = 0;
        }
        rest.attempts++;
        metrics.retried.add(rest.count());
        trouble.report(report, System.nanoTime());
        waiting++;
        later(() -> {
            waiting--;
            queue.addFirst(rest);
            dispatch();
        }, TimeUnit.MILLISECONDS.toNanos(backoff.delayMs(rest.attempts)));
    }

    private void tooLarge(Bulk bulk, String reason) {
        if (bulk.count() == 1) {
            refused.add(new Refused(bulk.item(0), "a request of this document alone (" + bulk.length()
                + " bytes) is too large for Elasticsearch: " + reason));
            return;
        }
        List<Integer> positions = IntStream.range(0, bulk.count()).boxed().toList();
        int half = bulk.count() / 2;
        queue.addFirst(bulk.only(positions.subList(half, bulk.count())));
        queue.addFirst(bulk.only(positions.subList(0, half)));
    }

    /** Sends a whole request again: at once when another host may take it, else when the pause is over. */
    private void again(Bulk bulk, String reason, boolean hostFailed) {
        long now = System.nanoTime();
        queue.addFirst(bulk);
        metrics.requestsFailed.increment();
        metrics.retried.add(bulk.count());
        trouble.report(reason, now);
        if (hostFailed && hosts.anyAlive()) {
            return;
        }
        long nanos = pause.failed(now);
        if (nanos > 0) {
            later(this::dispatch, nanos);
        }
    }

    private void blocked(Bulk bulk, String reason) {
        long now = System.nanoTime();
        if (bulk.blockedSince == 0) {
            bulk.blockedSince = now;
        } else if (now - bulk.blockedSince >= refusedRequestNs) {
            fail(new ConnectException("Elasticsearch refuses to index for more than "
                + TimeUnit.NANOSECONDS.toSeconds(refusedRequestNs) + " s (" + SinkConfig.REFUSED_REQUEST_TIMEOUT + "): "
                + reason + ". Nothing is lost: correct the cause and restart the task"));
        }
    }

    void fail(ConnectException error) {
        guarded(() -> {
            if (failure == null) {
                failure = error;
                metrics.lastError = error.getMessage();
            }
            changed.signalAll();
            return null;
        });
    }

    /** Throws when delivery cannot go on. */
    void check() {
        ConnectException error = guarded(() -> failure);
        if (error != null) {
            throw new ConnectException(error.getMessage(), error);
        }
    }

    private void later(Runnable what, long delayNs) {
        try {
            timer.schedule(() -> locked(what), delayNs, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // The task has stopped: what is left comes again to the next one.
            stopped = true;
        }
    }

    private void locked(Runnable what) {
        lock.lock();
        try {
            what.run();
            dispatch();
        } catch (RuntimeException | Error e) {
            fail(new ConnectException("The connector itself failed: " + e + ". Nothing is lost; restart the task", e));
        } finally {
            changed.signalAll();
            lock.unlock();
        }
    }

    private <T> T guarded(Supplier<T> what) {
        lock.lock();
        try {
            return what.get();
        } finally {
            lock.unlock();
        }
    }

    /** Records that can never be documents; the caller decides, and then calls {@link #accountFor}. */
    List<Refused> takeRefused() {
        return guarded(() -> {
            List<Refused> taken = new ArrayList<>(refused);
            refused.clear();
            return taken;
        });
    }

    void accountFor(Item item) {
        locked(() -> settle(item));
    }

    /** More requests ready than can be under way would only be memory; the share is of either limit. */
    boolean isFull(double share) {
        return guarded(() -> buffered >= maxBuffer * share || queue.ready() >= maxInFlight * share);
    }

    boolean isSettled() {
        return guarded(offsets::isSettled);
    }

    /** Whether waiting makes no sense now: it failed, or the cluster does not take requests. */
    boolean isStuck() {
        return guarded(() -> failure != null || pause.isFailing() || waiting > 0);
    }

    /** While set, requests go out without being filled. */
    void flushing(boolean on) {
        locked(() -> flushing = on);
    }

    /** Waits until something has been answered, or for so long. */
    void awaitChange(long nanos) throws InterruptedException {
        lock.lock();
        try {
            if (refused.isEmpty()) {
                changed.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }

    Map<TopicPartition, OffsetAndMetadata> committable(Map<TopicPartition, OffsetAndMetadata> consumed) {
        return guarded(() -> offsets.committable(consumed));
    }

    void close(Collection<TopicPartition> partitions) {
        locked(() -> buffered(-offsets.close(partitions)));
    }

    void stop() {
        locked(() -> stopped = true);
    }
}
