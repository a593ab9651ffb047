// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the connector and an index agree on. Runs against the fake and, where one is at hand, against the real thing. */
abstract class IndexContract {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private final HttpClient client = HttpClient.newHttpClient();
    private final String index = "contract-" + UUID.randomUUID();
    private TaskRun run;

    abstract String url();

    /** The mapping type that this version needs, or "". */
    String type() {
        return "";
    }

    void stop() {
    }

    private TaskRun start(String... more) {
        String[] settings = new String[more.length + 4];
        System.arraycopy(more, 0, settings, 0, more.length);
        settings[more.length] = "index";
        settings[more.length + 1] = index;
        settings[more.length + 2] = "document.type";
        settings[more.length + 3] = type();
        run = new TaskRun(url(), settings);
        return run;
    }

    @AfterEach
    void removeTheIndex() throws Exception {
        if (run != null) {
            run.close();
        }
        request("DELETE", "/" + index, "");
        stop();
    }

    private HttpResponse<String> request(String method, String path, String body) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create(url() + path)).header("Content-Type", "application/json")
            .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body)).build(),
            BodyHandlers.ofString());
    }

    private JsonNode source(String id) throws IOException, InterruptedException {
        String path = "/" + index + "/_doc/" + URLEncoder.encode(id, StandardCharsets.UTF_8);
        HttpResponse<String> response = request("GET", path, "");
        return response.statusCode() == 404 ? null : MAPPER.readTree(response.body()).get("_source");
    }

    private long count() throws IOException, InterruptedException {
        request("POST", "/" + index + "/_refresh", "");
        return MAPPER.readTree(request("GET", "/" + index + "/_count", "").body()).get("count").asLong();
    }

    @Test
    void aRecordBecomesADocumentWithStampAndTimestamp() throws Exception {
        start().put(Records.json(0, 7, "{\n\"message\":\"( Loggy ) :D\"\n}"));
        run.untilCommittable(8);
        assertEquals(MAPPER.readTree("{\"message\":\"( Loggy ) :D\",\"kafka\":{\"topic\":\"output_tag\",\"partition\":0,\"offset\":7,"
            + "\"timestamp\":\"2026-11-22T18:30:00.123Z\"},\"@timestamp\":\"2026-11-22T18:30:00.123Z\"}"),
            source("output_tag+0+7"));
    }

    @Test
    void aRedeliveredRecordIsOneDocument() throws Exception {
        start();
        SinkRecord first = Records.json(0, 1, "{\"message\":\"a\"}");
        SinkRecord copy = Records.json(0, 2, "{\"message\":\"a\"}");
        first.headers().addString("event.id", "chunk:0");
        copy.headers().addString("event.id", "chunk:0");
        run.put(first, copy, first);
        run.untilCommittable(2);
        assertEquals(1, count());
        assertNotNull(source("chunk:0"));
    }

    @Test
    void gzipIsTaken() throws Exception {
        start("gzip", "true").put(Records.json(0, 1, "{}"));
        run.untilCommittable(2);
        assertEquals(1, count());
    }

    @Test
    void whatTheIndexRefusesIsReportedAndTheRestIsIndexed() throws Exception {
        start("on.refused.document", "report").put(Records.json(0, 0, "{\"number\":1}"));
        run.untilCommittable(1);
        run.put(Records.json(0, 1, "{\"number\":2}"), Records.json(0, 2, "{\"number\":\"words\"}"),
            Records.json(0, 3, "{\"broken\":tru}"), Records.json(0, 4, "{\"twice\":1,\"twice\":2}"),
            Records.json(0, 5, "no object"), Records.json(0, 6, "{\"number\":3}"));
        run.untilCommittable(7);
        assertEquals(Set.of(2L, 3L, 4L, 5L), run.reported.keySet());
        assertTrue(run.reported.get(2L).contains("failed to parse"), run.reported.get(2L));
        assertTrue(run.reported.get(2L).startsWith("output_tag+0+2: 400 "), run.reported.get(2L));
        assertFalse(run.reported.get(2L).contains("words"), run.reported.get(2L));
        assertEquals(3, count());
    }

    @Test
    void aMissingIndexThatMayNotBeCreatedFailsTheTaskAndLeavesTheRecordUncommitted() throws Exception {
        HttpResponse<String> set = request("PUT", "/_cluster/settings",
            "{\"persistent\":{\"action.auto_create_index\":\"-missing-*,+*\"}}");
        assertEquals(200, set.statusCode(), set.body());
        TaskRun missing = new TaskRun(url(), "index", "missing-" + UUID.randomUUID(), "refused.request.timeout.ms", "300",
            "document.type", type());
        try {
            missing.put(Records.json(0, 5, "{}"));
            ConnectException failure = assertThrows(ConnectException.class, () -> missing.untilCommittable(6));
            assertTrue(failure.getMessage().contains("no such index"), failure.getMessage());
            assertEquals(5, missing.committable());
        } finally {
            missing.close();
            request("PUT", "/_cluster/settings", "{\"persistent\":{\"action.auto_create_index\":null}}");
        }
    }

    @Test
    void aBlockedIndexIsWaitedFor() throws Exception {
        start().put(Records.json(0, 0, "{}"));
        run.untilCommittable(1);
        request("PUT", "/" + index + "/_settings", "{\"index.blocks.write\":true}");
        run.put(Records.json(0, 1, "{}"));
        run.until(() -> run.task.metrics().getDocumentsRetried() > 2);
        assertEquals(1, run.committable());
        request("PUT", "/" + index + "/_settings", "{\"index.blocks.write\":false}");
        run.untilCommittable(2);
        assertEquals(2, count());
        assertTrue(run.reported.isEmpty());
    }

    @Test
    void aNullDeletesWhereAskedAndADeletionOfNothingIsDone() throws Exception {
        start("on.null", "delete");
        SinkRecord made = Records.json(0, 1, "{}");
        made.headers().addString("event.id", "gone");
        run.put(made);
        run.untilCommittable(2);
        assertNotNull(source("gone"));
        SinkRecord deleted = Records.json(0, 2, null);
        deleted.headers().addString("event.id", "gone");
        run.put(deleted, Records.json(0, 3, null));
        run.untilCommittable(4);
        assertNull(source("gone"));
    }

    @Test
    void aDataStreamTakesARedeliveredRecordOnce() throws Exception {
        HttpResponse<String> template = request("PUT", "/_index_template/" + index, "{\"index_patterns\":[\"" + index
            + "\"],\"data_stream\":{},\"priority\":900}");
        HttpResponse<String> stream = request("PUT", "/_data_stream/" + index, "");
        assumeTrue(template.statusCode() == 200 && stream.statusCode() == 200, "no data streams here: " + stream.body());
        run = new TaskRun(url(), "data.stream", index);
        run.put(Records.json(0, 1, "{}"), Records.json(0, 2, "{}"), Records.json(0, 1, "{}"));
        run.untilCommittable(2);
        assertEquals(2, count());
        assertTrue(run.reported.isEmpty());
        request("DELETE", "/_data_stream/" + index, "");
        request("DELETE", "/_index_template/" + index, "");
    }

    @Test
    void manyRecordsInManyRequestsAreManyDocuments() throws Exception {
        start("bulk.max.documents", "37", "requests.in.flight", "4");
        SinkRecord[] records = new SinkRecord[1000];
        for (int i = 0; i < records.length; i++) {
            records[i] = Records.json(0, i, "{\"number\":" + i + "}");
        }
        run.put(records);
        run.untilCommittable(1000);
        assertEquals(1000, count());
    }
}
