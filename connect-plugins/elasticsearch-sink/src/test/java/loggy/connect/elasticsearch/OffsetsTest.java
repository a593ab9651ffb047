// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class OffsetsTest {
    private static final TopicPartition ZERO = new TopicPartition(Records.TOPIC, 0);

    /** Every step either takes a record in (with gaps, as transformations leave them) or settles one at random. */
    @Property
    void whatMayBeCommittedIsWhatTheNaiveModelSays(@ForAll @Size(max = 200) List<@IntRange(min = -50, max = 3) Integer> steps) {
        Offsets offsets = new Offsets();
        List<Item> items = new ArrayList<>();
        Set<Long> open = new TreeSet<>();
        long next = 0;
        long charged = 0;
        for (int step : steps) {
            if (step > 0) {
                next += step;
                Item item = offsets.add(Records.json(0, next, "{}"));
                item.cost = 1000;
                charged += item.cost;
                items.add(item);
                open.add(next++);
            } else if (!items.isEmpty()) {
                Item item = items.get(-step % items.size());
                charged -= offsets.settle(item);
                open.remove(item.offset);
            }
            long expected = open.isEmpty() ? next : open.iterator().next();
            assertEquals(Map.of(ZERO, new OffsetAndMetadata(expected)),
                offsets.committable(Map.of(ZERO, new OffsetAndMetadata(next))));
            assertEquals(open.isEmpty(), offsets.isSettled());
            long behind = items.stream().filter(item -> item.settled && item.offset > expected).count();
            assertEquals(open.size() * 1000L + behind * Item.SETTLED_COST, charged);
        }
    }

    @Test
    void oneUnsettledItemHoldsBackItsOwnPartitionOnly() {
        Offsets offsets = new Offsets();
        offsets.add(Records.json(0, 5, "{}"));
        offsets.settle(offsets.add(Records.json(1, 7, "{}")));
        TopicPartition one = new TopicPartition(Records.TOPIC, 1);
        assertEquals(Map.of(ZERO, new OffsetAndMetadata(5), one, new OffsetAndMetadata(8)),
            offsets.committable(Map.of(ZERO, new OffsetAndMetadata(6), one, new OffsetAndMetadata(8))));
    }

    @Test
    void aClosedPartitionIsForgottenAndItsLateItemsFreeTheirBytes() {
        Offsets offsets = new Offsets();
        Item late = offsets.add(Records.json(0, 5, "{}"));
        Item behind = offsets.add(Records.json(0, 6, "{}"));
        late.cost = 1000;
        behind.cost = 500;
        long freed = offsets.settle(behind) + offsets.close(Set.of(ZERO));
        assertEquals(500, freed);
        Item again = offsets.add(Records.json(0, 5, "{}"));
        assertEquals(1000, offsets.settle(late));
        assertEquals(0, offsets.settle(late));
        assertEquals(Map.of(ZERO, new OffsetAndMetadata(again.offset)),
            offsets.committable(Map.of(ZERO, new OffsetAndMetadata(6))));
    }
}
