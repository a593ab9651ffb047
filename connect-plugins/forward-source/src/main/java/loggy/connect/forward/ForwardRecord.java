// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * A record that knows its chunk. Connect hands {@code commitRecord} the very object that {@code poll} returned, before
 * any transformation.
 */
final class ForwardRecord extends SourceRecord {
    private final transient Chunk chunk;
    private boolean committed;

    ForwardRecord(Chunk chunk, String topic, String key, Schema valueSchema, Object value, long timestamp,
                  ConnectHeaders headers) {
        super(null, null, topic, null, key == null ? null : Schema.STRING_SCHEMA, key, valueSchema, value, timestamp,
            headers);
        this.chunk = chunk;
    }

    void commit() {
        if (!committed) {
            committed = true;
            chunk.recordCommitted();
        }
    }

    // A worker with exactly-once support collects records in a map: by value, two alike would be committed as one.
    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
