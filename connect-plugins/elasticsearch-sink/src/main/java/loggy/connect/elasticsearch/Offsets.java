// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;

/** Which offsets may be committed: none at or above one whose item is not accounted for. Not thread-safe. */
final class Offsets {
    private final Map<TopicPartition, Partition> partitions = new HashMap<>();

    static final class Partition {
        private final TopicPartition name;
        private final Deque<Item> pending = new ArrayDeque<>();
        private boolean closed;

        private Partition(TopicPartition name) {
            this.name = name;
        }

        boolean isClosed() {
            return closed;
        }

        TopicPartition name() {
            return name;
        }

        @Override
        public String toString() {
            return name.topic() + "+" + name.partition();
        }
    }

    /** Registers a record; the records of a partition come in the order of their offsets. */
    Item add(SinkRecord record) {
        // The original coordinates (KIP-793): a transformation may have renamed the topic.
        TopicPartition name = new TopicPartition(record.originalTopic(), record.originalKafkaPartition());
        Partition partition = partitions.computeIfAbsent(name, Partition::new);
        Item item = new Item(partition, record.originalKafkaOffset());
        partition.pending.add(item);
        return item;
    }

    /** The item is accounted for. Returns the bytes that this frees in the buffer. */
    long settle(Item item) {
        if (item.settled) {
            return 0;
        }
        item.settled = true;
        item.record = null;
        if (item.partition.closed) {
            return item.cost;
        }
        long freed = item.cost - Item.SETTLED_COST;
        Deque<Item> pending = item.partition.pending;
        while (!pending.isEmpty() && pending.peek().settled) {
            pending.poll();
            freed += Item.SETTLED_COST;
        }
        return freed;
    }

    /** Forgets partitions that another task owns from now on. Returns the bytes that this frees in the buffer. */
    long close(Collection<TopicPartition> names) {
        long freed = 0;
        for (TopicPartition name : names) {
            Partition partition = partitions.remove(name);
            if (partition == null) {
                continue;
            }
            partition.closed = true;
            // What is not settled frees its bytes when its bulk has left the buffer.
            freed += Item.SETTLED_COST * partition.pending.stream().filter(item -> item.settled).count();
            partition.pending.clear();
        }
        return freed;
    }

    /** Of the offsets consumed so far, those that may be committed. */
    Map<TopicPartition, OffsetAndMetadata> committable(Map<TopicPartition, OffsetAndMetadata> consumed) {
        Map<TopicPartition, OffsetAndMetadata> committable = new HashMap<>();
        consumed.forEach((name, offset) -> {
            Partition partition = partitions.get(name);
            // Nothing pending: all that was consumed, with what a transformation filtered out.
            committable.put(name, partition == null || partition.pending.isEmpty()
                ? offset : new OffsetAndMetadata(partition.pending.peek().offset));
        });
        return committable;
    }

    boolean isSettled() {
        return partitions.values().stream().allMatch(partition -> partition.pending.isEmpty());
    }
}
