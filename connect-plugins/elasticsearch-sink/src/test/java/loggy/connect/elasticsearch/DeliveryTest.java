// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import loggy.connect.elasticsearch.FakeElasticsearch.Fault;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeliveryTest {
    private final FakeElasticsearch fake = new FakeElasticsearch();
    private TaskRun run;

    DeliveryTest() throws IOException {
    }

    private TaskRun start(String... settings) {
        run = new TaskRun(fake.url(), settings);
        return run;
    }

    @AfterEach
    void stop() {
        if (run != null) {
            run.close();
        }
        fake.close();
    }

    private static SinkRecord[] records(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> Records.json(0, i, "{\"number\":" + i + "}")).toArray(SinkRecord[]::new);
    }

    @ParameterizedTest
    @CsvSource({"429, false", "500, false", "503, false", "502, true", "504, true", "0, false", "0, true", "408, false"})
    void aRequestThatFailsIsSentAgainUntilItPasses(int status, boolean applied) {
        IntStream.range(0, 8).forEach(i -> fake.faults.add(new Fault(status, "", applied)));
        start("bulk.max.documents", "10").put(records(0, 100));
        run.untilCommittable(100);
        assertEquals(100, fake.documents());
        assertTrue(run.task.metrics().getRequestsFailed() >= 8);
        assertEquals(0, run.task.metrics().getRetryingSeconds());
    }

    @Test
    void rejectedItemsAreSentAgainAndHoldBackTheOffset() {
        Set<Integer> once = ConcurrentHashMap.newKeySet();
        fake.overloaded = document -> document.get("number").asInt() == 3 || once.add(document.get("number").asInt());
        start().put(records(0, 10));
        run.until(() -> fake.documents() == 9);
        assertEquals(3, run.committable());
        fake.overloaded = document -> false;
        run.untilCommittable(10);
        assertEquals(10, fake.documents());
    }

    @Test
    void nothingIsCommittableBeforeTheAnswer() {
        fake.delayMs = 400;
        start("flush.timeout.ms", "0").put(records(0, 10));
        assertEquals(0, run.committable());
        fake.delayMs = 0;
        run.untilCommittable(10);
    }

    @Test
    void aCommitFlushesWhatIsInFlight() {
        fake.delayMs = 300;
        start("bulk.linger.ms", "60000").put(records(0, 10));
        assertEquals(10, run.committable());
    }

    @Test
    void aRequestThatIsTooLargeIsSplitAndASingleDocumentIsRefused() {
        fake.maxBody = 700;
        start().put(records(0, 10));
        run.put(Records.json(0, 10, "{\"long\":\"" + "x".repeat(1000) + "\"}"));
        run.untilCommittable(11);
        assertEquals(10, fake.documents());
        assertEquals(Set.of(10L), run.reported.keySet());
        assertTrue(run.reported.get(10L).contains("too large"));
    }

    @Test
    void requestsKeepToTheirBounds() {
        fake.delayMs = 20;
        start("bulk.max.bytes", "2000", "requests.in.flight", "2", "bulk.linger.ms", "1000").put(records(0, 200));
        run.untilCommittable(200);
        assertEquals(200, fake.documents());
        assertTrue(fake.requestSizes.stream().allMatch(size -> size <= 2000), fake.requestSizes.toString());
        assertEquals(2, fake.maxConcurrent.get());
    }

    @Test
    void aFullBufferPausesConsumptionAndPutStaysShort() {
        fake.faults.add(new Fault(503, "", false));
        start("buffer.max.bytes", "20000", "bulk.max.bytes", "5000", "retry.backoff.ms", "1500", "retry.backoff.max.ms", "1500");
        run.put(records(0, 20));
        run.until(() -> run.task.metrics().getRequestsFailed() == 1);
        long start = System.nanoTime();
        run.put(records(20, 100));
        assertTrue(Duration.ofNanos(System.nanoTime() - start).toMillis() < 1500);
        assertEquals(Set.of(new TopicPartition(Records.TOPIC, 0)), run.paused);
        assertTrue(run.task.metrics().isPaused());
        run.untilCommittable(100);
        run.put();
        assertEquals(Set.of(), run.paused);
        assertEquals(0, run.task.metrics().getBufferBytes());
        assertEquals(100, fake.documents());
    }

    @Test
    void noMoreRequestsBecomeReadyThanCanBeUnderWay() {
        fake.delayMs = 1500;
        start("requests.in.flight", "1", "bulk.max.documents", "10").put(records(0, 30));
        assertTrue(run.task.metrics().isPaused());
        fake.delayMs = 0;
        run.untilCommittable(30);
        run.put();
        assertEquals(Set.of(), run.paused);
    }

    @ParameterizedTest
    @CsvSource({"dlq, report, 6000, 20000", "dlq, fail, 500, 3000", "'', report, 500, 3000"})
    void aRecordIsHeldOnlyWhereADeadLetterTopicMayGetIt(String topic, String policy, int least, int most) {
        fake.delayMs = 1000;
        start("errors.deadletterqueue.topic.name", topic, "on.refused.document", policy).put(records(0, 10));
        long held = run.task.metrics().getBufferBytes();
        assertTrue(least < held && held < most, held + " bytes");
        run.untilCommittable(10);
        assertEquals(0, run.task.metrics().getBufferBytes());
    }

    @Test
    void whatIsRefusedWhilePausedStillGetsReported() {
        start("buffer.max.bytes", "2000", "bulk.max.bytes", "1024");
        run.put(IntStream.range(0, 50).mapToObj(i -> Records.json(0, i, "no object")).toArray(SinkRecord[]::new));
        run.untilCommittable(50);
        run.put();
        assertEquals(50, run.reported.size());
        assertEquals(Set.of(), run.paused);
    }

    @Test
    void aReportedRecordIsCommittableWhenTheReportIsDone() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        start("flush.timeout.ms", "50");
        run.dlq = record -> done;
        run.put(Records.json(0, 4, "no object"), Records.json(0, 5, "{}"));
        run.until(() -> fake.documents() == 1);
        assertEquals(4, run.committable());
        done.complete(null);
        run.untilCommittable(6);
    }

    @Test
    void aReportThatFailsFailsTheTask() {
        start();
        run.dlq = record -> CompletableFuture.failedFuture(new IOException("dlq is gone"));
        SinkRecord[] records = {Records.json(0, 4, "{}"), Records.json(0, 5, "no object")};
        ConnectException failure = assertThrows(ConnectException.class, () -> run.put(records));
        assertTrue(failure.getMessage().contains("dlq is gone"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fail", "report"})
    void aRefusedDocumentFailsTheTaskWhereNoDeadLetterTopicIsSetUp(String policy) {
        start("on.refused.document", policy, "errors.deadletterqueue.topic.name", "", "errors.log.enable", "true");
        run.put(Records.json(0, 4, "{}"), Records.json(0, 5, "{\"number\":\"words\"}"));
        ConnectException failure = assertThrows(ConnectException.class, () -> run.untilCommittable(6));
        assertTrue(failure.getMessage().contains("output_tag+0+5"), failure.getMessage());
        assertEquals(5, run.committable());
        assertTrue(run.reported.isEmpty());
    }

    @Test
    void dropDropsByName() {
        start("on.refused.document", "drop").put(Records.json(0, 5, "no object"));
        run.untilCommittable(6);
        assertTrue(run.reported.isEmpty());
        assertEquals(1, run.task.metrics().getDocumentsRefused());
    }

    @Test
    void refusedCredentialsFailTheTaskAfterAWhileAndNeverShow() {
        IntStream.range(0, 1000).forEach(i -> fake.faults.add(new Fault(401, "unable to authenticate", false)));
        start("username", "loggy", "password", "s3cret!", "refused.request.timeout.ms", "200").put(records(0, 1));
        ConnectException failure = assertThrows(ConnectException.class, () -> run.untilCommittable(1));
        assertTrue(failure.getMessage().contains("HTTP 401"), failure.getMessage());
        assertFalse((failure + run.task.metrics().getLastError()).contains("s3cret"));
        assertEquals("Basic bG9nZ3k6czNjcmV0IQ==", fake.authorizations.get(0));
        assertEquals(0, run.committable());
    }

    @Test
    void refusedCredentialsThatAreAcceptedAgainAreForgotten() {
        IntStream.range(0, 3).forEach(i -> fake.faults.add(new Fault(401, "", false)));
        start("api.key", "a2V5").put(records(0, 1));
        run.untilCommittable(1);
        assertEquals("ApiKey a2V5", fake.authorizations.get(0));
    }

    @Test
    void aDeadHostIsLeftOut() throws IOException {
        int dead;
        try (ServerSocket socket = new ServerSocket(0)) {
            dead = socket.getLocalPort();
        }
        start("hosts", "http://127.0.0.1:" + dead + "," + fake.url(), "bulk.max.documents", "1").put(records(0, 50));
        run.untilCommittable(50);
        assertEquals(50, fake.documents());
        assertTrue(run.task.metrics().getRequestsFailed() < 10, "it was not asked again and again");
    }

    @Test
    void anAnswerThatNeverComesIsATimeout() {
        fake.delayMs = 600;
        start("request.timeout.ms", "200").put(records(0, 5));
        run.until(() -> run.task.metrics().getRequestsFailed() > 0);
        fake.delayMs = 0;
        run.untilCommittable(5);
        assertEquals(5, fake.documents());
    }

    @Test
    void anOutageIsWaitedOutWhileRecordsKeepComing() throws IOException {
        int port = fake.port();
        start("buffer.max.bytes", "10000", "bulk.max.bytes", "1024").put(records(0, 10));
        run.untilCommittable(10);
        fake.close();
        run.put(records(10, 60));
        run.until(() -> run.task.metrics().isPaused() && run.task.metrics().getRequestsFailed() > 5);
        assertEquals(10, run.committable());
        try (FakeElasticsearch back = new FakeElasticsearch(port)) {
            run.untilCommittable(60);
            assertEquals(50, back.documents());
        }
    }

    @Test
    void recordsOfARevokedPartitionAreLetGoAndTheOthersGoOn() {
        TopicPartition one = new TopicPartition(Records.TOPIC, 1);
        fake.faults.add(new Fault(503, "", false));
        start("retry.backoff.ms", "300", "retry.backoff.max.ms", "300").put(Records.json(0, 0, "{}"), Records.json(1, 0, "{}"));
        run.until(() -> run.task.metrics().getRequestsFailed() == 1);
        run.task.close(Set.of(one));
        run.untilCommittable(1);
        assertEquals(1, fake.documents());
        assertEquals(0, run.task.metrics().getBufferBytes());
        run.put(Records.json(1, 0, "{}"));
        run.until(() -> run.committable(1) == 1);
        assertEquals(2, fake.documents());
    }

    @Test
    void aStopDuringAnOutageIsQuick() {
        fake.faults.add(new Fault(503, "", false));
        start("retry.backoff.ms", "60000", "retry.backoff.max.ms", "60000").put(records(0, 5));
        run.until(() -> run.task.metrics().getRequestsFailed() == 1);
        long start = System.nanoTime();
        assertEquals(0, run.committable());
        run.close();
        assertTrue(Duration.ofNanos(System.nanoTime() - start).toMillis() < 1000);
    }

    @Test
    void aRefusalThatIsAnsweredAfterItsPartitionIsGoneIsLeftToTheNextOwner() {
        fake.delayMs = 300;
        start("on.refused.document", "fail", "flush.timeout.ms", "0").put(Records.json(0, 0, "{\"number\":\"words\"}"));
        run.until(() -> fake.concurrent.get() == 1);
        run.task.close(run.assignment);
        run.until(() -> run.task.metrics().getBufferBytes() == 0);
        assertEquals(1, run.task.metrics().getRequests());
        assertEquals(0, run.task.metrics().getDocumentsRefused());
    }

    @Test
    void theMetricsAreAnMBeanWhileTheTaskRuns() throws JMException {
        ObjectName name = new ObjectName("loggy.connect:type=elasticsearch-sink,connector=\"sink\",task=1");
        start("name", "sink", "task.id", "1").put(records(0, 5));
        run.untilCommittable(5);
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        assertEquals(5L, server.getAttribute(name, "DocumentsIndexed"));
        assertTrue((long) server.getAttribute(name, "RequestBytes") > 0);
        run.close();
        assertFalse(server.isRegistered(name));
    }

    @Test
    void aReporterFutureThatIsNotYetDoneKeepsItsOrder() {
        Future<Void> never = new CompletableFuture<>();
        start("flush.timeout.ms", "20");
        run.dlq = record -> record.kafkaOffset() == 1 ? never : CompletableFuture.completedFuture(null);
        run.put(Records.json(0, 0, "no"), Records.json(0, 1, "no"), Records.json(0, 2, "{}"));
        run.until(() -> fake.documents() == 1);
        assertEquals(1, run.committable());
    }
}
