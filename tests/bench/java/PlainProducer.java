// SPDX-License-Identifier: Apache-2.0
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The raw limit: sends the lines of a file as records, with a producer's defaults and acks=all. For each line of input,
 * TOPIC COUNT HEADERS, it sends so many, with or without headers like the source's, and prints the nanoseconds it took.
 */
public final class PlainProducer {
    private static final int CHUNK = 5000;

    public static void main(String[] arguments) throws Exception {
        List<byte[]> documents = Files.readAllLines(Path.of(arguments[1])).stream()
            .map(line -> line.getBytes(StandardCharsets.UTF_8)).toList();
        Properties settings = new Properties();
        settings.put("bootstrap.servers", arguments[0]);
        settings.put("acks", "all");
        // As the worker's producers have it.
        settings.put("batch.size", 131072);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        ByteArraySerializer bytes = new ByteArraySerializer();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings, bytes, bytes)) {
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                String[] words = line.split(" ");
                producer.partitionsFor(words[0]);
                long started = System.nanoTime();
                send(producer, documents, words[0], Integer.parseInt(words[1]), Boolean.parseBoolean(words[2]));
                System.out.println(System.nanoTime() - started);
            }
        }
    }

    private static void send(KafkaProducer<byte[], byte[]> producer, List<byte[]> documents, String topic, int count,
                             boolean withHeaders) throws Exception {
        AtomicReference<Exception> failure = new AtomicReference<>();
        String chunk = "";
        for (int i = 0; i < count; i++) {
            ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, documents.get(i % documents.size()));
            if (withHeaders) {
                chunk = i % CHUNK == 0 ? UUID.randomUUID().toString().substring(0, 24) : chunk;
                headers(record.headers(), topic, chunk, i % CHUNK);
            }
            producer.send(record, (metadata, error) -> failure.compareAndSet(null, error));
        }
        producer.flush();
        if (failure.get() != null) {
            throw failure.get();
        }
    }

    private static void headers(Headers headers, String tag, String chunk, int position) {
        headers.add("forward.tag", ascii(tag)).add("forward.peer", ascii("127.0.0.1:50000"))
            .add("forward.chunk", ascii(chunk)).add("event.id", ascii(chunk + ':' + position))
            .add("event.time", ascii("2026-01-01T00:00:00.123456789Z"));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
