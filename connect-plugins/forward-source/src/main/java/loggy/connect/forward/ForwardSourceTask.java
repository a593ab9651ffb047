// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import javax.management.JMException;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens, decodes what came into records, and passes each commit on to the chunk that it belongs to. */
public final class ForwardSourceTask extends SourceTask {
    private static final Logger LOG = LoggerFactory.getLogger(ForwardSourceTask.class);
    /** Short enough for Connect to stop, pause and commit in time. */
    private static final long POLL_MILLIS = 500;
    private static final long BATCH_MAX_BYTES = 4 << 20;
    private static final int PRESIZED_RECORDS = 2000;

    private final ChunkQueue queue = new ChunkQueue();
    private Queue<Chunk> taken = new ArrayDeque<>();
    private Chunk chunk;
    private RecordReader reader;
    private RecordReader.Shape shape;
    private int batchMaxRecords;
    private Metrics metrics;
    private ForwardServer server;

    @Override
    public String version() {
        return Version.of(ForwardSourceTask.class);
    }

    @Override
    public void start(Map<String, String> properties) {
        ForwardSourceConfig config = new ForwardSourceConfig(properties);
        batchMaxRecords = config.getInt(ForwardSourceConfig.BATCH_MAX_RECORDS);
        metrics = new Metrics(properties.getOrDefault("name", "forward-source"),
            properties.getOrDefault(ForwardSourceConfig.TASK_ID, "0"));
        Text text = new Text(metrics.invalidUtf8);
        boolean json = config.getString(ForwardSourceConfig.VALUE_FORMAT).equals(ForwardSourceConfig.FORMAT_JSON);
        shape = new RecordReader.Shape(new TopicName(config.getString(ForwardSourceConfig.TOPIC)),
            config.getString(ForwardSourceConfig.RECORD_KEY).equals(ForwardSourceConfig.KEY_TAG), config.keyField(),
            json ? new JsonWriter(text) : new MapReader(text), text, new EventTime(), config.limits(),
            config.getLong(ForwardSourceConfig.TIMESTAMP_AHEAD_MAX_MS));
        server = new ForwardServer(config, queue, metrics);
        server.start();
        try {
            metrics.register();
        } catch (JMException e) {
            LOG.warn("The task runs without its MBean: {}", e.toString());
        }
    }

    @Override
    public List<SourceRecord> poll() throws InterruptedException {
        List<SourceRecord> records = new ArrayList<>(Math.min(batchMaxRecords, PRESIZED_RECORDS));
        long bytes = 0;
        while (records.size() < batchMaxRecords && bytes < BATCH_MAX_BYTES && nextChunk(records.isEmpty())) {
            try {
                bytes += reader.read(records, batchMaxRecords - records.size(), BATCH_MAX_BYTES - bytes);
                if (reader.isDone()) {
                    reader = null;
                }
            } catch (Refusal refusal) {
                reader = null;
                chunk.refuse(refusal);
            }
        }
        metrics.events.add(records.size());
        return records.isEmpty() ? null : records;
    }

    @Override
    public void commitRecord(SourceRecord record, RecordMetadata metadata) {
        // Without metadata it was filtered, or dropped as errors.tolerance says: settled either way.
        ((ForwardRecord) record).commit();
    }

    @Override
    public void stop() {
        if (server != null) {
            server.close();
        }
        try {
            if (metrics != null) {
                metrics.close();
            }
        } catch (JMException e) {
            throw new ConnectException("The MBean could not be taken back", e);
        }
    }

    /** Ports that are listened on: other than configured where 0 was given. */
    List<Integer> ports() {
        return server.ports();
    }

    Metrics metrics() {
        return metrics;
    }

    private boolean nextChunk(boolean mayWait) throws InterruptedException {
        if (reader != null) {
            return true;
        }
        if (taken.isEmpty()) {
            taken = queue.takeAll(mayWait ? POLL_MILLIS : 0);
        }
        chunk = taken.poll();
        if (chunk == null) {
            return false;
        }
        reader = new RecordReader(chunk, shape);
        return true;
    }
}
