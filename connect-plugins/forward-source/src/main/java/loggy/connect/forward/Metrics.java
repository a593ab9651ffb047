// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.lang.management.ManagementFactory;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.DynamicMBean;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** What one task counts, as one MBean with an attribute for each number. */
final class Metrics implements DynamicMBean, AutoCloseable {
    final LongAdder events = new LongAdder();
    final LongAdder bytesRead = new LongAdder();
    final LongAdder chunksReceived = new LongAdder();
    final LongAdder chunksAcknowledged = new LongAdder();
    final LongAdder duplicates = new LongAdder();
    final LongAdder invalidUtf8 = new LongAdder();
    final LongAdder heartbeats = new LongAdder();
    final AtomicLong connections = new AtomicLong();
    final AtomicLong bytesWaiting = new AtomicLong();
    final AtomicLong connectionsPaused = new AtomicLong();
    final Latency ackLatency = new Latency();
    private final Map<Refusal.Reason, LongAdder> rejected = new EnumMap<>(Refusal.Reason.class);
    private final Map<String, LongSupplier> attributes = new LinkedHashMap<>();
    private final ObjectName name;

    Metrics(String connector, String task) {
        attributes.put("Events", events::sum);
        attributes.put("BytesRead", bytesRead::sum);
        attributes.put("BytesWaiting", bytesWaiting::get);
        attributes.put("ChunksReceived", chunksReceived::sum);
        attributes.put("ChunksAcknowledged", chunksAcknowledged::sum);
        attributes.put("ChunksDuplicate", duplicates::sum);
        attributes.put("Connections", connections::get);
        attributes.put("ConnectionsPaused", connectionsPaused::get);
        attributes.put("Heartbeats", heartbeats::sum);
        attributes.put("InvalidUtf8Replaced", invalidUtf8::sum);
        attributes.put("AckLatencyMsAvg", ackLatency::average);
        attributes.put("AckLatencyMsMax", ackLatency::max);
        attributes.put("AckLatencyMsP50", () -> ackLatency.percentile(50));
        attributes.put("AckLatencyMsP95", () -> ackLatency.percentile(95));
        attributes.put("AckLatencyMsP99", () -> ackLatency.percentile(99));
        for (Refusal.Reason reason : Refusal.Reason.values()) {
            LongAdder count = new LongAdder();
            rejected.put(reason, count);
            attributes.put(reason.metric, count::sum);
        }
        name = objectName(connector, task);
    }

    void reject(Refusal.Reason reason) {
        rejected.get(reason).increment();
    }

    long value(String attribute) {
        return attributes.get(attribute).getAsLong();
    }

    /** Replaces the bean of an earlier run of the same task that was never closed. */
    void register() throws JMException {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        if (server.isRegistered(name)) {
            server.unregisterMBean(name);
        }
        server.registerMBean(this, name);
    }

    @Override
    public void close() throws JMException {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        if (server.isRegistered(name)) {
            server.unregisterMBean(name);
        }
    }

    private static ObjectName objectName(String connector, String task) {
        try {
            String safe = connector.matches("[\\w. %-]+") ? connector : ObjectName.quote(connector);
            return new ObjectName("loggy.connect:type=forward-source,connector=" + safe + ",task=" + task);
        } catch (JMException e) {
            throw new IllegalArgumentException("no MBean name for connector '" + connector + "'", e);
        }
    }

    @Override
    public Object getAttribute(String attribute) throws AttributeNotFoundException {
        LongSupplier value = attributes.get(attribute);
        if (value == null) {
            throw new AttributeNotFoundException(attribute);
        }
        return value.getAsLong();
    }

    @Override
    public AttributeList getAttributes(String[] names) {
        AttributeList list = new AttributeList();
        for (String attribute : names) {
            LongSupplier value = attributes.get(attribute);
            if (value != null) {
                list.add(new Attribute(attribute, value.getAsLong()));
            }
        }
        return list;
    }

    @Override
    public void setAttribute(Attribute attribute) throws AttributeNotFoundException {
        throw new AttributeNotFoundException(attribute.getName() + " is read-only");
    }

    @Override
    public AttributeList setAttributes(AttributeList list) {
        return new AttributeList();
    }

    @Override
    public Object invoke(String action, Object[] parameters, String[] signature) {
        throw new UnsupportedOperationException(action);
    }

    @Override
    public MBeanInfo getMBeanInfo() {
        MBeanAttributeInfo[] infos = attributes.keySet().stream()
            .map(attribute -> new MBeanAttributeInfo(attribute, "long", attribute, true, false, false))
            .toArray(MBeanAttributeInfo[]::new);
        return new MBeanInfo(Metrics.class.getName(), "Forward source task", infos, null, null, null);
    }

    /** Times from the last byte of a chunk to its acknowledgement, in buckets that double: 1, 2, 4 ... milliseconds. */
    static final class Latency {
        private static final int BUCKETS = 24;
        private final LongAdder[] buckets = new LongAdder[BUCKETS];
        private final LongAdder count = new LongAdder();
        private final LongAdder sumNanos = new LongAdder();
        private final AtomicLong maxNanos = new AtomicLong();

        Latency() {
            for (int i = 0; i < BUCKETS; i++) {
                buckets[i] = new LongAdder();
            }
        }

        void record(long nanos) {
            count.increment();
            sumNanos.add(nanos);
            maxNanos.accumulateAndGet(nanos, Math::max);
            long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
            buckets[Math.min(BUCKETS - 1, Long.SIZE - Long.numberOfLeadingZeros(millis))].increment();
        }

        long average() {
            return count.sum() == 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(sumNanos.sum() / count.sum());
        }

        long max() {
            return TimeUnit.NANOSECONDS.toMillis(maxNanos.get());
        }

        /** The upper end of the bucket that holds the percentile. */
        long percentile(int percent) {
            long rank = (count.sum() * percent + 99) / 100;
            long seen = 0;
            for (int i = 0; i < BUCKETS; i++) {
                seen += buckets[i].sum();
                if (seen >= rank && rank > 0) {
                    return 1L << i;
                }
            }
            return 0;
        }
    }
}
