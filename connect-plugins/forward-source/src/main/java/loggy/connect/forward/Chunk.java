// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * One message on its way to Kafka: counts down the records that are not committed yet, from any thread. Who gets the
 * acknowledgement is its origin's business.
 */
final class Chunk {
    /** Where a chunk came from, and goes back to when its way has ended. Called from any thread. */
    interface Origin {
        /** Every record was committed. */
        void committed(Chunk chunk);

        /** A record could not be decoded: nothing is acknowledged. */
        void refused(Chunk chunk, Refusal refusal);
    }

    final String tag;
    /** Null when the sender asked for no acknowledgement. */
    final String id;
    final byte[] acknowledgement;
    final String peer;
    /** What it counts for in buffer.max.bytes until it is committed or refused. */
    final int bytes;
    final long receivedNanos;
    private final Origin origin;
    private final AtomicInteger waiting;
    private Entries entries;

    Chunk(Message message, Origin origin, String peer, int bytes, long receivedNanos) {
        this.tag = message.tag();
        this.id = message.chunk();
        this.acknowledgement = message.acknowledgement();
        this.entries = message.entries();
        this.origin = origin;
        this.peer = peer;
        this.bytes = bytes;
        this.receivedNanos = receivedNanos;
        this.waiting = new AtomicInteger(entries.count());
    }

    /** Hands the events out, once, so that their bytes can be freed as soon as they are decoded. */
    Entries takeEntries() {
        Entries taken = entries;
        entries = null;
        return taken;
    }

    int waiting() {
        return waiting.get();
    }

    void recordCommitted() {
        if (waiting.decrementAndGet() == 0) {
            origin.committed(this);
        }
    }

    void refuse(Refusal refusal) {
        // Below zero for good: what is still on its way to Kafka can no longer complete this chunk.
        waiting.set(-1);
        origin.refused(this, refusal);
    }
}
