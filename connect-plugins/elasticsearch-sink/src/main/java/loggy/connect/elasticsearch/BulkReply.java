// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What the answer to one bulk request means, for the request and for each item in it. Pure. */
record BulkReply(Fate request, String reason, List<Outcome> items) {
    /**
     * DONE: accounted for. RETRY: the cluster cannot now. BLOCKED: somebody has to change something that is not the
     * document. REFUSED: this document, for good. TOO_LARGE: a smaller request may pass.
     */
    enum Fate { DONE, RETRY, BLOCKED, REFUSED, TOO_LARGE }

    record Outcome(Fate fate, String reason) {
        static final Outcome DONE = new Outcome(Fate.DONE, "");
    }

    private static final JsonFactory JSON = new JsonFactory();
    private static final int MAX_REASON = 500;
    /** Errors with a 4xx status that are about the index or its cluster and not about the document. */
    private static final Set<String> BLOCKING = Set.of("index_not_found_exception", "index_closed_exception",
        "security_exception", "validation_exception", "no_such_remote_cluster_exception", "alias_missing_exception");

    boolean isAllDone() {
        return request == Fate.DONE && items.isEmpty();
    }

    /** Reads the answer to a request of so many items; with all of them done, the list of items stays empty. */
    static BulkReply read(int status, byte[] body, int count) {
        if (status != 200) {
            String reason = "HTTP " + status + excerpt(body);
            return new BulkReply(ofRequest(status, reason), hint(status, reason), List.of());
        }
        try (JsonParser parser = JSON.createParser(body)) {
            return items(parser, count);
        } catch (IOException e) {
            return unreadable(body);
        }
    }

    private static BulkReply items(JsonParser parser, int count) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw new IOException("no object");
        }
        List<Outcome> outcomes = new ArrayList<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("errors") && value == JsonToken.VALUE_FALSE) {
                return new BulkReply(Fate.DONE, "", List.of());
            }
            if (name.equals("items") && value == JsonToken.START_ARRAY) {
                while (parser.nextToken() == JsonToken.START_OBJECT) {
                    parser.nextToken();
                    outcomes.add(item(parser, parser.currentName()));
                    parser.nextToken();
                }
            } else {
                parser.skipChildren();
            }
        }
        if (outcomes.size() != count) {
            return new BulkReply(Fate.RETRY, "the answer accounts for " + outcomes.size() + " of " + count + " items",
                List.of());
        }
        return new BulkReply(Fate.DONE, "", outcomes);
    }

    private static Outcome item(JsonParser parser, String operation) throws IOException {
        int status = 0;
        String[] error = new String[2];
        String[] cause = new String[2];
        parser.nextToken();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            if (name.equals("status")) {
                status = parser.getIntValue();
            } else if (name.equals("error")) {
                error(parser, error, cause);
            } else {
                parser.skipChildren();
            }
        }
        return outcome(operation, status, error, cause);
    }

    private static void error(JsonParser parser, String[] error, String[] cause) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            error[1] = parser.getText();
            return;
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            switch (name) {
                case "type" -> error[0] = parser.getText();
                case "reason" -> error[1] = parser.getText();
                case "caused_by" -> error(parser, cause, new String[2]);
                default -> parser.skipChildren();
            }
        }
    }

    private static Outcome outcome(String operation, int status, String[] error, String[] cause) {
        boolean conflict = status == 409 && operation.equals("create");
        boolean gone = status == 404 && operation.equals("delete") && error[0] == null;
        if (status >= 200 && status < 300 || conflict || gone) {
            return Outcome.DONE;
        }
        // Of the cause its type only: its words quote the value.
        String reason = status + " " + error[0] + ": " + error[1] + (cause[0] == null ? "" : " (" + cause[0] + ")");
        return new Outcome(ofItem(status, String.valueOf(error[0])), shortened(reason));
    }

    private static Fate ofItem(int status, String type) {
        if (status == 429 || status >= 500 || status == 409 || status == 0) {
            return Fate.RETRY;
        }
        if (type.equals("cluster_block_exception")) {
            // A full disk (flood stage) is a 403 until Elasticsearch 7.
            return Fate.RETRY;
        }
        return BLOCKING.contains(type) || status == 401 || status == 403 ? Fate.BLOCKED : Fate.REFUSED;
    }

    private static Fate ofRequest(int status, String reason) {
        if (status == 413) {
            return Fate.TOO_LARGE;
        }
        boolean passing = status == 429 || status == 408 || status >= 500 || reason.contains("cluster_block_exception");
        return passing ? Fate.RETRY : Fate.BLOCKED;
    }

    private static String hint(int status, String reason) {
        if (reason.contains("type is missing")) {
            return reason + "; this is Elasticsearch 6: set " + SinkConfig.DOCUMENT_TYPE + " to _doc";
        }
        if (reason.contains("unknown parameter [_type]")) {
            return reason + "; this Elasticsearch has no types: leave " + SinkConfig.DOCUMENT_TYPE + " empty";
        }
        return switch (status) {
            case 401 -> reason + "; check " + SinkConfig.USERNAME + ", " + SinkConfig.PASSWORD + " or " + SinkConfig.API_KEY;
            case 403 -> reason + "; the user needs the privilege to write to the index and to create it";
            case 404, 405 -> reason + "; check the path in " + SinkConfig.HOSTS;
            default -> reason;
        };
    }

    private static BulkReply unreadable(byte[] body) {
        return new BulkReply(Fate.RETRY, "HTTP 200, but no answer of _bulk" + excerpt(body) + "; is "
            + SinkConfig.HOSTS + " really Elasticsearch?", List.of());
    }

    private static String excerpt(byte[] body) {
        String text = new String(body, 0, Math.min(body.length, MAX_REASON), StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? "" : ": " + text.replaceAll("\\s+", " ");
    }

    /** Without the value that Elasticsearch quotes from the document: reasons are logged, documents are not. */
    private static String shortened(String reason) {
        String text = reason.replaceAll("(?s)\\.? Preview of field's value: '.*?'(?=$| \\()", "");
        return text.length() <= MAX_REASON ? text : text.substring(0, MAX_REASON) + "...";
    }
}
