// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** Sends bulk requests: the one place that opens sockets. Decides nothing about what an answer means. */
final class ElasticsearchHttp {
    private static final long MAX_CONNECT_MS = 10_000;
    /** The answer names nothing but what decides about an item, or it would be as large as the request. */
    private static final String PATH = "/_bulk?filter_path=errors,items.*.status,items.*.error&timeout=";

    private final HttpClient client;
    private final Duration timeout;
    private final String path;
    private final String authorization;
    private final boolean gzip;

    ElasticsearchHttp(SinkConfig config, Executor executor) {
        timeout = Duration.ofMillis(config.getInt(SinkConfig.REQUEST_TIMEOUT));
        // Elasticsearch gives up on a missing shard before this client does, and says which one it is.
        path = PATH + Math.max(1, timeout.toMillis() / 2) + "ms";
        authorization = authorization(config);
        gzip = config.getBoolean(SinkConfig.GZIP);
        HttpClient.Builder builder = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofMillis(Math.min(MAX_CONNECT_MS, timeout.toMillis())))
            .executor(executor);
        if (config.hosts().stream().anyMatch(host -> host.getScheme().equals("https"))) {
            builder.sslContext(Tls.context(config));
        }
        client = builder.build();
    }

    private static String authorization(SinkConfig config) {
        String key = config.secret(SinkConfig.API_KEY);
        if (!key.isEmpty()) {
            return "ApiKey " + key;
        }
        String user = config.getString(SinkConfig.USERNAME);
        byte[] login = (user + ":" + config.secret(SinkConfig.PASSWORD)).getBytes(StandardCharsets.UTF_8);
        return user.isEmpty() ? "" : "Basic " + Base64.getEncoder().encodeToString(login);
    }

    /** Sends the first so many bytes of a body; it must not change until the answer is there. */
    CompletableFuture<HttpResponse<byte[]>> bulk(URI host, byte[] body, int length) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(host + path))
            .timeout(timeout)
            .header("Content-Type", "application/x-ndjson")
            .header("Accept", "application/json")
            .POST(body(body, length));
        if (gzip) {
            request.header("Content-Encoding", "gzip");
        }
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        CompletableFuture<HttpResponse<byte[]>> answer = client.sendAsync(request.build(), BodyHandlers.ofByteArray());
        // The client's own timeout ends with the headers; an answer may also stop in its middle.
        return answer.copy().orTimeout(timeout.toMillis() + 1000, TimeUnit.MILLISECONDS)
            .whenComplete((response, error) -> answer.cancel(true));
    }

    private BodyPublisher body(byte[] body, int length) {
        if (!gzip) {
            return BodyPublishers.ofByteArray(body, 0, length);
        }
        ByteArrayOutputStream packed = new ByteArrayOutputStream(length / 4 + 64);
        try (GZIPOutputStream out = new GZIPOutputStream(packed, 1 << 16) {
            {
                def.setLevel(Deflater.BEST_SPEED);
            }
        }) {
            out.write(body, 0, length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return BodyPublishers.ofByteArray(packed.toByteArray());
    }
}
