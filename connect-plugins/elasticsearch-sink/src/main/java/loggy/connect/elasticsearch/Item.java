// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import org.apache.kafka.connect.sink.SinkRecord;

/** One record on its way into the index. */
final class Item {
    /** What an accounted-for item still costs while an earlier one of its partition is not. */
    static final int SETTLED_COST = 64;

    final Offsets.Partition partition;
    final long offset;
    /** Null once the item is accounted for: it is kept for the dead-letter topic only. */
    SinkRecord record;
    /** Bytes that the item counts for in the buffer. */
    int cost;

    Item(Offsets.Partition partition, long offset, SinkRecord record) {
        this.partition = partition;
        this.offset = offset;
        this.record = record;
    }

    boolean isSettled() {
        return record == null;
    }

    @Override
    public String toString() {
        return partition + "+" + offset;
    }
}
