// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.kafka.connect.source.SourceRecord;

/** A started task on a port that the system chose, polled by hand in place of a worker. */
final class RunningTask implements AutoCloseable {
    private static final long PATIENCE_NANOS = 10_000_000_000L;
    final ForwardSourceTask task = new ForwardSourceTask();
    final int port;

    RunningTask(String... options) {
        Map<String, String> config = new HashMap<>(Map.of("name", "test", "listen.address", "127.0.0.1",
            "listen.ports", "0", "value.format", "json"));
        for (int i = 0; i < options.length; i += 2) {
            config.put(options[i], options[i + 1]);
        }
        task.start(config);
        port = task.ports().get(0);
    }

    ForwardClient connect() throws java.io.IOException {
        return new ForwardClient(port);
    }

    /** Polls until so many records came, or patience ends. */
    List<SourceRecord> poll(int count) throws InterruptedException {
        List<SourceRecord> records = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (records.size() < count && System.nanoTime() < deadline) {
            List<SourceRecord> polled = task.poll();
            if (polled != null) {
                records.addAll(polled);
            }
        }
        return records;
    }

    void commit(List<SourceRecord> records) {
        records.forEach(record -> task.commitRecord(record, null));
    }

    long metric(String name) {
        return task.metrics().value(name);
    }

    boolean becomes(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.onSpinWait();
        }
        return true;
    }

    static String json(SourceRecord record) {
        return new String((byte[]) record.value(), StandardCharsets.UTF_8);
    }

    static String header(SourceRecord record, String name) {
        org.apache.kafka.connect.header.Header header = record.headers().lastWithName(name);
        return header == null ? null : (String) header.value();
    }

    @Override
    public void close() {
        task.stop();
    }
}
