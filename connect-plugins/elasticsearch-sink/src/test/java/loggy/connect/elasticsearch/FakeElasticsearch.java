// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** Plays as much of Elasticsearch as the contract asks for, and fails on command. */
final class FakeElasticsearch implements AutoCloseable {
    static final ObjectMapper MAPPER = new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    /** An answer to a whole request: a status, or 0 for a connection that breaks; applied is what happened before. */
    record Fault(int status, String body, boolean applied) {
    }

    final Map<String, Map<String, JsonNode>> indices = new ConcurrentHashMap<>();
    final Set<String> blocked = ConcurrentHashMap.newKeySet();
    final Deque<Fault> faults = new ConcurrentLinkedDeque<>();
    final List<String> authorizations = new CopyOnWriteArrayList<>();
    final List<Integer> requestSizes = new CopyOnWriteArrayList<>();
    final AtomicInteger concurrent = new AtomicInteger();
    final AtomicInteger maxConcurrent = new AtomicInteger();
    volatile int maxBody = Integer.MAX_VALUE;
    volatile long delayMs;
    /** Items that are answered with 429 while this holds. */
    volatile Predicate<JsonNode> overloaded = document -> false;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    FakeElasticsearch() throws IOException {
        this(0);
    }

    FakeElasticsearch(int port) throws IOException {
        this(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0));
    }

    private FakeElasticsearch(HttpServer server) {
        this.server = server;
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    static FakeElasticsearch https(SSLContext context, boolean clientCertificate) throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters wanted = context.getDefaultSSLParameters();
                wanted.setNeedClientAuth(clientCertificate);
                parameters.setSSLParameters(wanted);
            }
        });
        return new FakeElasticsearch(server);
    }

    int port() {
        return server.getAddress().getPort();
    }

    String url() {
        return "http://127.0.0.1:" + port();
    }

    long documents() {
        return indices.values().stream().mapToLong(Map::size).sum();
    }

    private void answer(HttpExchange exchange) throws IOException {
        maxConcurrent.accumulateAndGet(concurrent.incrementAndGet(), Math::max);
        try (exchange; InputStream in = exchange.getRequestBody()) {
            boolean gzip = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
            byte[] body = gzip ? new GZIPInputStream(in).readAllBytes() : in.readAllBytes();
            String[] path = exchange.getRequestURI().getPath().substring(1).split("/");
            if (path[0].equals("_bulk")) {
                authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
                requestSizes.add(body.length);
                bulk(exchange, body);
            } else {
                other(exchange, path, body);
            }
        } finally {
            concurrent.decrementAndGet();
        }
    }

    private void bulk(HttpExchange exchange, byte[] body) throws IOException {
        if (delayMs > 0) {
            try {
                Thread.sleep(delayMs);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        Fault fault = faults.poll();
        if (fault == null && body.length > maxBody) {
            fault = new Fault(413, "", false);
        }
        String reply = fault == null || fault.applied ? apply(new String(body, StandardCharsets.UTF_8)) : "";
        if (fault == null) {
            send(exchange, 200, reply);
        } else if (fault.status == 0) {
            // Half of an answer, and the end of the connection.
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write('{');
            throw new IOException("cut");
        } else {
            send(exchange, fault.status, fault.body);
        }
    }

    private String apply(String body) throws IOException {
        StringBuilder items = new StringBuilder();
        boolean errors = false;
        String[] lines = body.split("\n", -1);
        for (int i = 0; i < lines.length - 1; i++) {
            Map.Entry<String, JsonNode> action = MAPPER.readTree(lines[i]).properties().iterator().next();
            String source = action.getKey().equals("delete") ? null : lines[++i];
            String item = item(action.getKey(), action.getValue(), source);
            errors |= item.contains("\"error\"");
            items.append(items.length() == 0 ? "" : ",").append("{\"").append(action.getKey()).append("\":{").append(item)
                .append("}}");
        }
        return "{\"errors\":" + errors + ",\"items\":[" + items + "]}";
    }

    private String item(String operation, JsonNode action, String source) {
        String index = action.get("_index").asText();
        String id = action.get("_id").asText();
        if (index.startsWith("missing-")) {
            return error(404, "index_not_found_exception", "no such index [" + index + "]");
        }
        if (blocked.contains(index)) {
            return error(403, "cluster_block_exception", "index [" + index + "] blocked by: [FORBIDDEN/8/index write (api)];");
        }
        Map<String, JsonNode> documents = indices.computeIfAbsent(index, name -> new ConcurrentHashMap<>());
        if (source == null) {
            return "\"status\":" + (documents.remove(id) == null ? 404 : 200);
        }
        ObjectNode document;
        try {
            document = (ObjectNode) MAPPER.readTree(source);
        } catch (IOException | ClassCastException e) {
            return error(400, "document_parsing_exception", "failed to parse");
        }
        if (overloaded.test(document)) {
            return error(429, "es_rejected_execution_exception", "rejected execution");
        }
        if (document.path("number").isTextual()) {
            return error(400, "document_parsing_exception", "failed to parse field [number] of type [long]");
        }
        if (operation.equals("create") && documents.containsKey(id)) {
            return error(409, "version_conflict_engine_exception", "document already exists");
        }
        return "\"status\":" + (documents.put(id, document) == null ? 201 : 200);
    }

    private static String error(int status, String type, String reason) {
        return "\"status\":" + status + ",\"error\":{\"type\":\"" + type + "\",\"reason\":\"" + reason + "\"}";
    }

    /** What the tests ask of the index itself: create, delete, block, read, count. */
    private void other(HttpExchange exchange, String[] path, byte[] body) throws IOException {
        String what = path.length > 1 ? path[1] : "";
        if (what.equals("_settings")) {
            if (new String(body, StandardCharsets.UTF_8).contains("true")) {
                blocked.add(path[0]);
            } else {
                blocked.remove(path[0]);
            }
        } else if (what.equals("_doc")) {
            JsonNode document = indices.getOrDefault(path[0], Map.of()).get(path[2]);
            send(exchange, document == null ? 404 : 200, "{\"_source\":" + document + "}");
            return;
        } else if (what.equals("_count")) {
            send(exchange, 200, "{\"count\":" + indices.getOrDefault(path[0], Map.of()).size() + "}");
            return;
        } else if (exchange.getRequestMethod().equals("DELETE")) {
            indices.remove(path[0]);
        }
        send(exchange, 200, "{}");
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
