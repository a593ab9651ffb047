// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The body of one bulk request and the items in it, in order. Knows no HTTP and decides nothing. */
final class Bulk extends OutputStream {
    private byte[] bytes;
    private int length;
    private int[] ends = new int[64];
    private final List<Item> items = new ArrayList<>();

    /** When (nano time) the first item came in. */
    long bornAt;
    /** Attempts that ended with a part of a request to be sent again. */
    int attempts;
    /** Since when (nano time) the cluster refuses these items for a reason that is not theirs; 0 when it does not. */
    long blockedSince;

    Bulk(int capacity) {
        bytes = new byte[Math.max(256, capacity)];
    }

    @Override
    public void write(int b) {
        reserve(1);
        bytes[length++] = (byte) b;
    }

    @Override
    public void write(byte[] source, int from, int count) {
        reserve(count);
        System.arraycopy(source, from, bytes, length, count);
        length += count;
    }

    @Override
    public void write(byte[] source) {
        write(source, 0, source.length);
    }

    void ascii(String text) {
        write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void reserve(int count) {
        int needed = Math.addExact(length, count);
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.max(needed, Math.min(Integer.MAX_VALUE - 8L, bytes.length * 2L)));
        }
    }

    /** The byte at a position from the start of the body. */
    byte at(int position) {
        return bytes[position];
    }

    void replace(int from, byte what, byte with) {
        for (int i = from; i < length; i++) {
            if (bytes[i] == what) {
                bytes[i] = with;
            }
        }
    }

    /** Forgets what was written after the given length. */
    void truncate(int to) {
        length = to;
    }

    /** What was written since the last call belongs to this item. */
    void end(Item item) {
        if (items.size() == ends.length) {
            ends = Arrays.copyOf(ends, ends.length * 2);
        }
        ends[items.size()] = length;
        items.add(item);
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    int count() {
        return items.size();
    }

    boolean isEmpty() {
        return items.isEmpty();
    }

    Item item(int position) {
        return items.get(position);
    }

    /** A bulk of the items at these positions only. */
    Bulk only(List<Integer> positions) {
        int size = positions.stream().mapToInt(p -> ends[p] - start(p)).sum();
        Bulk part = new Bulk(size);
        part.bornAt = bornAt;
        part.attempts = attempts;
        part.blockedSince = blockedSince;
        for (int position : positions) {
            part.write(bytes, start(position), ends[position] - start(position));
            part.end(items.get(position));
        }
        return part;
    }

    /** Takes the last item out again, into a bulk of its own. */
    Bulk splitLast(int capacity) {
        int last = items.size() - 1;
        Bulk next = new Bulk(Math.max(capacity, length - start(last)));
        next.write(bytes, start(last), length - start(last));
        next.end(items.get(last));
        length = start(last);
        items.remove(last);
        return next;
    }

    private int start(int position) {
        return position == 0 ? 0 : ends[position - 1];
    }
}
