// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.StandardMBean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what one task does, and shows it as an MBean while the task runs. */
final class SinkMetrics implements SinkMetricsMBean {
    private static final Logger LOG = LoggerFactory.getLogger(SinkMetrics.class);

    final LongAdder indexed = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder retried = new LongAdder();
    final LongAdder ignored = new LongAdder();
    final LongAdder requests = new LongAdder();
    final LongAdder requestsFailed = new LongAdder();
    final LongAdder requestBytes = new LongAdder();
    final LongAdder requestMillis = new LongAdder();
    final LongAccumulator requestMillisMax = new LongAccumulator(Math::max, 0);
    final AtomicLong bufferBytes = new AtomicLong();
    volatile int inFlight;
    volatile boolean paused;
    volatile long retryingSince;
    volatile String lastError = "";

    private final String name;

    SinkMetrics(String connector, String task) {
        name = "loggy.connect:type=elasticsearch-sink,connector=" + ObjectName.quote(connector) + ",task=" + task;
    }

    void register() {
        unregister();
        try {
            server().registerMBean(new StandardMBean(this, SinkMetricsMBean.class), new ObjectName(name));
        } catch (JMException e) {
            LOG.warn("Cannot register the metrics {}: {}; the task runs without them", name, e.toString());
        }
    }

    void unregister() {
        try {
            ObjectName bean = new ObjectName(name);
            if (server().isRegistered(bean)) {
                server().unregisterMBean(bean);
            }
        } catch (JMException e) {
            LOG.warn("Cannot unregister the metrics {}: {}", name, e.toString());
        }
    }

    private static MBeanServer server() {
        return ManagementFactory.getPlatformMBeanServer();
    }

    @Override
    public long getDocumentsIndexed() {
        return indexed.sum();
    }

    @Override
    public long getDocumentsRefused() {
        return refused.sum();
    }

    @Override
    public long getDocumentsRetried() {
        return retried.sum();
    }

    @Override
    public long getRecordsIgnored() {
        return ignored.sum();
    }

    @Override
    public long getRequests() {
        return requests.sum();
    }

    @Override
    public long getRequestsFailed() {
        return requestsFailed.sum();
    }

    @Override
    public long getRequestBytes() {
        return requestBytes.sum();
    }

    @Override
    public long getRequestMillis() {
        return requestMillis.sum();
    }

    @Override
    public long getRequestMillisMax() {
        return requestMillisMax.get();
    }

    @Override
    public int getRequestsInFlight() {
        return inFlight;
    }

    @Override
    public long getBufferBytes() {
        return bufferBytes.get();
    }

    @Override
    public boolean isPaused() {
        return paused;
    }

    @Override
    public long getRetryingSeconds() {
        long since = retryingSince;
        return since == 0 ? 0 : TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - since);
    }

    @Override
    public String getLastError() {
        return lastError;
    }
}
