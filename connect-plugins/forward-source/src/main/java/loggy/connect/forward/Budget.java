// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Back-pressure: bounds the bytes that were read and are not committed, by granting each read. At the limit connections
 * queue, and who has waited longest reads first, one network buffer at a time. Belongs to one thread, the event loop.
 */
final class Budget {
    /** One connection, as far as reading goes. */
    interface Reader {
        void read();

        boolean isInsideMessage();
    }

    private final long limit;
    private final Queue<Reader> waiting = new ArrayDeque<>();
    private long used;
    private int inFlight;
    private Reader privileged;

    Budget(long limit) {
        this.limit = limit;
    }

    /** Lets the reader read now or when its turn comes. */
    void request(Reader reader) {
        if (used < limit || reader == privileged && reader.isInsideMessage()) {
            reader.read();
            return;
        }
        if (reader == privileged) {
            privileged = null;
        }
        waiting.add(reader);
        grant();
    }

    void took(long bytes) {
        used += bytes;
    }

    void gave(long bytes) {
        used -= bytes;
        grant();
    }

    void chunkBegun() {
        inFlight++;
    }

    void chunkEnded(long bytes) {
        inFlight--;
        gave(bytes);
    }

    void left(Reader reader) {
        waiting.remove(reader);
        if (reader == privileged) {
            privileged = null;
        }
        grant();
    }

    long used() {
        return used;
    }

    int waiting() {
        return waiting.size();
    }

    private void grant() {
        while (used < limit && !waiting.isEmpty()) {
            waiting.remove().read();
        }
        // Unfinished messages alone fill the limit: nothing will be committed until one is finished.
        if (inFlight == 0 && privileged == null && !waiting.isEmpty()) {
            privileged = waiting.remove();
            privileged.read();
        }
    }
}
