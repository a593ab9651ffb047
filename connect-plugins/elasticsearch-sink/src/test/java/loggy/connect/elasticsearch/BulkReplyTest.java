// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import loggy.connect.elasticsearch.BulkReply.Fate;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BulkReplyTest {
    private static BulkReply read(int status, String body, int count) {
        return BulkReply.read(status, body.getBytes(StandardCharsets.UTF_8), count);
    }

    @Test
    void withoutErrorsAllItemsAreDone() {
        assertTrue(read(200, "{\"took\":3,\"errors\":false,\"items\":[{\"index\":{\"status\":201}}]}", 1).isAllDone());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{'index':{'status':201}} | DONE",
        "{'index':{'status':200,'_shards':{'total':1}}} | DONE",
        "{'create':{'status':409,'error':{'type':'version_conflict_engine_exception','reason':'exists'}}} | DONE",
        "{'index':{'status':409,'error':{'type':'version_conflict_engine_exception','reason':'race'}}} | RETRY",
        "{'delete':{'status':404}} | DONE",
        "{'delete':{'status':404,'error':{'type':'index_not_found_exception','reason':'no index'}}} | BLOCKED",
        "{'index':{'status':429,'error':{'type':'es_rejected_execution_exception','reason':'full'}}} | RETRY",
        "{'index':{'status':503,'error':{'type':'unavailable_shards_exception','reason':'gone'}}} | RETRY",
        "{'index':{'status':500,'error':{'type':'i_o_exception','reason':'disk'}}} | RETRY",
        "{'index':{'status':403,'error':{'type':'cluster_block_exception','reason':'flood stage'}}} | RETRY",
        "{'index':{'status':403,'error':{'type':'security_exception','reason':'no'}}} | BLOCKED",
        "{'index':{'status':404,'error':{'type':'index_not_found_exception','reason':'no such index'}}} | BLOCKED",
        "{'index':{'status':400,'error':{'type':'index_closed_exception','reason':'closed'}}} | BLOCKED",
        "{'index':{'status':400,'error':{'type':'validation_exception','reason':'too many shards'}}} | BLOCKED",
        "{'index':{'status':400,'error':{'type':'mapper_parsing_exception','reason':'bad'}}} | REFUSED",
        "{'index':{'status':400,'error':'plain words'}} | REFUSED",
        "{'index':{}} | RETRY"})
    void eachItemHasAFate(String item, Fate fate) {
        String done = "{'index':{'status':201}}";
        BulkReply reply = read(200, ("{'errors':true,'items':[" + done + "," + item + "," + done + "]}").replace('\'', '"'), 3);
        assertEquals(Fate.DONE, reply.request());
        assertEquals(List.of(Fate.DONE, fate, Fate.DONE), reply.items().stream().map(BulkReply.Outcome::fate).toList());
    }

    @Test
    void theReasonHasTheCauseAndNotTheValue() {
        BulkReply reply = read(200, ("{'errors':true,'items':[{'index':{'status':400,'error':{'type':'document_parsing_exception',"
            + "'reason':'[1:5] failed to parse field [a] of type [long] in document with id [x]. Preview of field\\u0027s value: "
            + "\\u0027secret\\u0027','caused_by':{'type':'illegal_argument_exception','reason':'For input string'}}}}]}")
            .replace('\'', '"'), 1);
        assertEquals("400 document_parsing_exception: [1:5] failed to parse field [a] of type [long] in document with id [x] (illegal_argument_exception)", reply.items().get(0).reason());
    }

    @ParameterizedTest
    @CsvSource({"429, RETRY", "500, RETRY", "502, RETRY", "503, RETRY", "504, RETRY", "408, RETRY", "413, TOO_LARGE",
        "400, BLOCKED", "401, BLOCKED", "403, BLOCKED", "404, BLOCKED", "405, BLOCKED", "406, BLOCKED", "415, BLOCKED",
        "301, BLOCKED"})
    void aRequestThatFailsAsAWholeHasAFate(int status, Fate fate) {
        assertEquals(fate, read(status, "", 1).request());
        assertTrue(read(status, "words", 1).reason().startsWith("HTTP " + status + ": words"));
    }

    @Test
    void aClusterBlockOfTheWholeRequestPasses() {
        assertEquals(Fate.RETRY, read(403, "{\"error\":{\"type\":\"cluster_block_exception\"}}", 1).request());
    }

    @Test
    void elasticsearch6WithoutATypeIsToldWhatToSet() {
        assertTrue(read(400, "Validation Failed: 1: type is missing;", 1).reason().contains("set document.type to _doc"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>", "[]", "{", "{}", "{\"errors\":true,\"items\":[]}", "{\"errors\":true,\"items\":[{\"index\":{",
        "{\"errors\":true,\"items\":[{\"index\":{\"status\":201}},{\"index\":{\"status\":201}}]}"})
    void anAnswerThatDoesNotAccountForEachItemIsNoAnswer(String body) {
        assertEquals(Fate.RETRY, read(200, body, 1).request());
    }

    @Property
    void noAnswerWhateverCountsAnItemAsDoneOrThrows(@ForAll byte[] body) {
        BulkReply reply = BulkReply.read(200, body, 3);
        assertFalse(reply.isAllDone());
    }
}
