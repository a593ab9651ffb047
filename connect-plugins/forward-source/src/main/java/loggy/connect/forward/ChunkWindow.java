// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Recognises a chunk id that is on its way or was committed lately; {@code W} is who waits for an acknowledgement. Not
 * thread-safe; forgets the oldest ids beyond its size, and remembers nothing with size 0.
 */
final class ChunkWindow<W> {
    enum Seen { NEW, IN_FLIGHT, COMMITTED }

    private final int size;
    private final Map<String, List<W>> inFlight = new HashMap<>();
    private final Map<String, Boolean> committed;

    ChunkWindow(int size) {
        this.size = size;
        this.committed = new LinkedHashMap<>() {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                return size() > ChunkWindow.this.size;
            }
        };
    }

    /** What is known of the id; a chunk that is in flight gets {@code waiter} as one more to be told. */
    Seen arrive(String id, W waiter) {
        if (size == 0 || id == null) {
            return Seen.NEW;
        }
        if (committed.containsKey(id)) {
            return Seen.COMMITTED;
        }
        List<W> waiters = inFlight.get(id);
        if (waiters != null) {
            waiters.add(waiter);
            return Seen.IN_FLIGHT;
        }
        inFlight.put(id, new ArrayList<>());
        return Seen.NEW;
    }

    /** Who sent the same id meanwhile. */
    List<W> commit(String id) {
        List<W> waiters = forget(id);
        if (size > 0 && id != null) {
            committed.put(id, Boolean.TRUE);
        }
        return waiters;
    }

    /** The same for a chunk that was refused and may come again. */
    List<W> forget(String id) {
        List<W> waiters = inFlight.remove(id);
        return waiters == null ? List.of() : waiters;
    }
}
