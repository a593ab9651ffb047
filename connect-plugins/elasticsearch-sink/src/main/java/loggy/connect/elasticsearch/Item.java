// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import org.apache.kafka.connect.sink.SinkRecord;

/** One record on its way into the index. */
final class Item {
    /** What an accounted-for item still costs while an earlier one of its partition is not. */
    static final int SETTLED_COST = 64;

    final Offsets.Partition partition;
    final long offset;
    /** For the dead-letter topic; null once the item is accounted for, or where there is no such topic. */
    SinkRecord record;
    /** Bytes that the item counts for in the buffer. */
    int cost;
    boolean settled;

    Item(Offsets.Partition partition, long offset) {
        this.partition = partition;
        this.offset = offset;
    }

    @Override
    public String toString() {
        return partition + "+" + offset;
    }
}
