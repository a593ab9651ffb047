// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.sink.SinkRecord;

/** Bulk requests that are to be sent: the one being filled, and before it those that are full or come again. */
final class BulkQueue {
    private static final int FIRST_CAPACITY = 64 << 10;

    private final Documents documents;
    private final int maxBytes;
    private final int maxDocuments;
    private final long lingerNs;
    private final Deque<Bulk> ready = new ArrayDeque<>();
    private Bulk open = new Bulk(FIRST_CAPACITY);
    /** Of the last full request: the next one will need as much, and need not grow into it. */
    private int capacity = FIRST_CAPACITY;

    BulkQueue(SinkConfig config) {
        documents = new Documents(config);
        maxBytes = config.getInt(SinkConfig.BULK_MAX_BYTES);
        maxDocuments = config.getInt(SinkConfig.BULK_MAX_DOCUMENTS);
        lingerNs = TimeUnit.MILLISECONDS.toNanos(config.getLong(SinkConfig.BULK_LINGER));
    }

    /** Writes the item's record. Returns the bytes that it takes; 0 when it asks for nothing to be done. */
    int add(Item item, SinkRecord record, long now) throws RefusedDocument {
        int start = open.length();
        boolean written = false;
        try {
            written = documents.write(record, open);
        } finally {
            if (!written) {
                open.truncate(start);
            }
        }
        if (!written) {
            return 0;
        }
        int size = open.length() - start;
        if (open.isEmpty()) {
            open.bornAt = now;
        }
        open.end(item);
        if (open.length() > maxBytes && open.count() > 1) {
            capacity = open.length();
            Bulk next = open.splitLast(capacity);
            next.bornAt = now;
            ready.add(open);
            open = next;
        }
        if (open.count() >= maxDocuments || open.length() >= maxBytes) {
            seal();
        }
        return size;
    }

    /** Puts requests that come again before all others. */
    void addFirst(Bulk bulk) {
        ready.addFirst(bulk);
    }

    private void seal() {
        ready.add(open);
        capacity = Math.max(FIRST_CAPACITY, open.length());
        open = new Bulk(capacity);
    }

    /** How many requests wait, the one being filled not counted. */
    int ready() {
        return ready.size();
    }

    /** The next request, or null; one that is not full only when it has waited for its time, or now is asked for. */
    Bulk next(long now, boolean unfilled) {
        if (ready.isEmpty() && !open.isEmpty() && (unfilled || now - open.bornAt >= lingerNs)) {
            seal();
        }
        return ready.poll();
    }

    /** How long (ns) the request being filled may still wait; below 0 when there is none. */
    long patience(long now) {
        return open.isEmpty() ? -1 : Math.max(0, lingerNs - (now - open.bornAt));
    }
}
