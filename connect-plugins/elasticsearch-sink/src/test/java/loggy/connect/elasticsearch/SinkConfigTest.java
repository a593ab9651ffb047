// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.sink.SinkConnector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SinkConfigTest {
    private final ElasticsearchSinkConnector connector = new ElasticsearchSinkConnector();

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "username=u | password",
        "password=p | username",
        "api.key=k;username=u;password=p | api.key",
        "data.stream=d;index=i | data.stream",
        "data.stream=d;on.null=delete | on.null",
        "data.stream=d;timestamp.field= | timestamp.field",
        "retry.backoff.ms=5000;retry.backoff.max.ms=100 | retry.backoff.max.ms",
        "bulk.max.bytes=5000;buffer.max.bytes=4000 | buffer.max.bytes",
        "tls.keystore.password=p | tls.keystore.path",
        "hosts=ftp://x:1 | hosts",
        "hosts=localhost:9200 | hosts",
        "hosts=http://u:secret@x:9200 | hosts",
        "hosts= | hosts",
        "index=${tag} | index",
        "index= | index",
        "document.id=offset | document.id",
        "tls.verify=maybe | tls.verify",
        "requests.in.flight=0 | requests.in.flight",
        "bulk.max.bytes=many | bulk.max.bytes"})
    void aWrongSettingIsNamedByValidationAndStopsTheTask(String settings, String wrong) {
        Map<String, String> map = new HashMap<>();
        for (String setting : settings.split(";")) {
            map.put(setting.split("=", 2)[0], setting.split("=", 2)[1]);
        }
        List<String> named = connector.validate(map).configValues().stream()
            .filter(value -> !value.errorMessages().isEmpty()).map(value -> value.name()).toList();
        assertEquals(List.of(wrong), named);
        ConfigException error = assertThrows(ConfigException.class, () -> new SinkConfig(map));
        assertTrue(error.getMessage().contains(wrong), error.getMessage());
        assertFalse(error.getMessage().contains("secret"), error.getMessage());
    }

    @Test
    void theDefaultsAreValid() {
        assertTrue(connector.validate(Map.of()).configValues().stream().allMatch(value -> value.errorMessages().isEmpty()));
        assertEquals(List.of(URI.create("http://a:1/path"), URI.create("https://b")),
            Records.config("hosts", "http://a:1/path/, https://b").hosts());
    }

    @Test
    void theConnectorIsFoundWithItsVersionAndGivesEachTaskItsNumber() {
        assertTrue(ServiceLoader.load(SinkConnector.class).stream()
            .anyMatch(provider -> provider.type() == ElasticsearchSinkConnector.class));
        assertTrue(connector.version().matches("\\d+\\.\\d+\\.\\d+.*"), connector.version());
        connector.start(Map.of("name", "n"));
        assertEquals(List.of("0", "1"), connector.taskConfigs(2).stream().map(task -> task.get("task.id")).toList());
    }

    @Test
    void secretsAreOfTheTypeThatTheWorkerMasks() {
        SinkConfig config = Records.config("username", "u", "password", "s3cret");
        assertEquals("s3cret", config.secret("password"));
        assertFalse(config.values().toString().contains("s3cret"));
        for (String name : List.of("password", "api.key", "tls.truststore.password", "tls.keystore.password")) {
            assertEquals(ConfigDef.Type.PASSWORD, SinkConfig.DEFINITION.configKeys().get(name).type);
        }
    }

    @Test
    void thePageHasEverySettingWithItsDefaultAndItsWords() throws IOException {
        String page = Files.readString(Path.of("../../docs/connectors/elasticsearch-sink.md"));
        List<String> missing = SinkConfig.DEFINITION.configKeys().values().stream().map(SinkConfigTest::row)
            .filter(row -> !page.contains(row)).toList();
        assertEquals(List.of(), missing);
    }

    private static String row(ConfigDef.ConfigKey key) {
        Object value = key.type == ConfigDef.Type.PASSWORD ? "" : key.defaultValue;
        String shown = value instanceof List<?> list ? list.get(0).toString() : value.toString();
        return "| `" + key.name + "` | " + (shown.isEmpty() ? "" : "`" + shown + "`") + " | "
            + key.documentation + " |";
    }
}
