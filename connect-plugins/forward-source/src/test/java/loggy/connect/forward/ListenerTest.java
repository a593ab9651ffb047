// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

class ListenerTest {
    private static final byte[] CHUNK = Packed.packed("t", List.of(List.of(1, Map.of("k", "v"))), Map.of("chunk", "c"));

    private static byte[] heartbeat(int port, int timeout) throws Exception {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(timeout);
            socket.send(new DatagramPacket(new byte[] {0}, 1, InetAddress.getLoopbackAddress(), port));
            DatagramPacket answer = new DatagramPacket(new byte[16], 16);
            socket.receive(answer);
            return java.util.Arrays.copyOf(answer.getData(), answer.getLength());
        }
    }

    @Test
    void udpHeartbeatIsAnsweredOnTheSamePortWhereAskedFor() throws Exception {
        try (RunningTask task = new RunningTask("heartbeat.udp", "true")) {
            assertArrayEquals(new byte[] {0}, heartbeat(task.port, 5000));
            assertEquals(1, task.metric("Heartbeats"));
        }
        try (RunningTask task = new RunningTask()) {
            assertThrows(java.io.IOException.class, () -> heartbeat(task.port, 300));
        }
    }

    @Test
    void taskListensOnEachOfItsPorts() throws Exception {
        try (RunningTask task = new RunningTask("listen.ports", "0,0")) {
            assertEquals(2, Set.copyOf(task.task.ports()).size());
            for (int port : task.task.ports()) {
                try (ForwardClient client = new ForwardClient(port)) {
                    client.send(CHUNK);
                    task.commit(task.poll(1));
                    assertEquals("c", client.ack());
                }
            }
        }
    }

    @Test
    void portCanBeBoundAgainAtOnceThoughConnectionsWereOpen() throws Exception {
        RunningTask first = new RunningTask();
        int port = first.port;
        for (int i = 0; i < 5; i++) {
            try (ForwardClient client = new ForwardClient(port)) {
                client.send(CHUNK);
                first.commit(first.poll(1));
                assertEquals("c", client.ack());
                first.close();
                first = new RunningTask("listen.ports", String.valueOf(port));
            }
        }
        first.close();
    }

    @Test
    void mbeanCountsWhatCameAndWasAcknowledged() throws Exception {
        ObjectName name = new ObjectName("loggy.connect:type=forward-source,connector=test,task=0");
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        try (RunningTask task = new RunningTask(); ForwardClient client = task.connect()) {
            client.send(CHUNK);
            task.commit(task.poll(1));
            assertEquals("c", client.ack());
            assertEquals(1L, server.getAttribute(name, "Events"));
            assertEquals((long) CHUNK.length, server.getAttribute(name, "BytesRead"));
            assertEquals(1L, server.getAttribute(name, "ChunksAcknowledged"));
            assertEquals(1L, server.getAttribute(name, "Connections"));
            assertTrue((long) server.getAttribute(name, "AckLatencyMsP50") >= 1);
            assertEquals(server.getMBeanInfo(name).getAttributes().length, server.getAttributes(name,
                java.util.Arrays.stream(server.getMBeanInfo(name).getAttributes()).map(info -> info.getName())
                    .toArray(String[]::new)).size());
        }
        assertTrue(!server.isRegistered(name));
    }

    @Test
    void latencyPercentilesAreUpperEndsOfDoublingBuckets() {
        Metrics.Latency latency = new Metrics.Latency();
        for (int i = 0; i < 90; i++) {
            latency.record(1_500_000);
        }
        for (int i = 0; i < 10; i++) {
            latency.record(100_000_000);
        }
        assertEquals(List.of(2L, 128L, 100L, 11L),
            List.of(latency.percentile(50), latency.percentile(95), latency.max(), latency.average()));
    }

    @Test
    void heartbeatsWithoutEventsAreIgnored() throws Exception {
        try (RunningTask task = new RunningTask(); ForwardClient client = task.connect()) {
            client.send(new byte[] {(byte) 0xc0, (byte) 0xc0});
            client.send(CHUNK);
            task.commit(task.poll(1));
            assertEquals("c", client.ack());
        }
    }
}
