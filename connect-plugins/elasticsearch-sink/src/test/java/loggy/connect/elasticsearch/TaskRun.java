// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import static org.junit.jupiter.api.Assertions.fail;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTaskContext;

/** Runs a task as the worker does: hands records over, calls again while it waits, and asks for offsets. */
final class TaskRun implements AutoCloseable {
    final ElasticsearchSinkTask task = new ElasticsearchSinkTask();
    final Map<String, String> settings;
    final Set<TopicPartition> paused = new HashSet<>();
    final Map<Long, String> reported = new TreeMap<>();
    final Set<TopicPartition> assignment = new HashSet<>(Set.of(new TopicPartition(Records.TOPIC, 0)));
    Function<SinkRecord, Future<Void>> dlq = record -> CompletableFuture.completedFuture(null);
    private final Map<TopicPartition, OffsetAndMetadata> consumed = new HashMap<>();

    TaskRun(String url, String... more) {
        settings = Records.settings(more);
        settings.putIfAbsent("hosts", url);
        settings.putIfAbsent("retry.backoff.ms", "10");
        settings.putIfAbsent("retry.backoff.max.ms", "100");
        settings.putIfAbsent("bulk.linger.ms", "5");
        settings.putIfAbsent("errors.deadletterqueue.topic.name", "dlq");
        task.initialize(context());
        task.start(settings);
        task.open(assignment);
    }

    private SinkTaskContext context() {
        return (SinkTaskContext) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {SinkTaskContext.class},
            (proxy, method, arguments) -> switch (method.getName()) {
                case "assignment" -> assignment;
                case "pause" -> paused.addAll(List.of((TopicPartition[]) arguments[0]));
                case "resume" -> paused.removeAll(List.of((TopicPartition[]) arguments[0]));
                case "errantRecordReporter" -> (org.apache.kafka.connect.sink.ErrantRecordReporter) (record, error) -> {
                    reported.put(record.kafkaOffset(), error.getMessage());
                    return dlq.apply(record);
                };
                case "timeout" -> null;
                default -> throw new UnsupportedOperationException(method.getName());
            });
    }

    void put(SinkRecord... records) {
        task.put(List.of(records));
        for (SinkRecord record : records) {
            consumed.put(new TopicPartition(record.originalTopic(), record.originalKafkaPartition()),
                new OffsetAndMetadata(record.originalKafkaOffset() + 1));
        }
    }

    /** The offset that the worker would commit now for partition 0. */
    long committable() {
        return committable(0);
    }

    long committable(int partition) {
        return task.preCommit(new HashMap<>(consumed)).get(new TopicPartition(Records.TOPIC, partition)).offset();
    }

    /** Calls the task as the poll loop does until the offset of partition 0 is committable. */
    void untilCommittable(long offset) {
        until(() -> committable() == offset);
    }

    void until(BooleanSupplier reached) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!reached.getAsBoolean()) {
            if (System.nanoTime() > end) {
                fail("not reached within 30 s; committable is " + committable());
            }
            task.put(List.of());
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        task.close(assignment);
        task.stop();
    }
}
