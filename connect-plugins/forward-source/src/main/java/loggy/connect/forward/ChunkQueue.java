// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Hands chunks from the network thread to the task's. Unbounded itself: {@link Budget} bounds what can be in it. */
final class ChunkQueue {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition filled = lock.newCondition();
    private Queue<Chunk> chunks = new ArrayDeque<>();

    void add(List<Chunk> received) {
        lock.lock();
        try {
            chunks.addAll(received);
            filled.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Everything that waits, oldest first; empty when nothing came within the time. */
    Queue<Chunk> takeAll(long timeoutMillis) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
            while (chunks.isEmpty() && left > 0) {
                left = filled.awaitNanos(left);
            }
            Queue<Chunk> taken = chunks;
            chunks = new ArrayDeque<>();
            return taken;
        } finally {
            lock.unlock();
        }
    }
}
