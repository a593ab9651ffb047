// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceConnector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForwardSourceConnectorTest {
    private static Map<String, String> config(String... options) {
        Map<String, String> config = new HashMap<>(Map.of("name", "test"));
        for (int i = 0; i < options.length; i += 2) {
            config.put(options[i], options[i + 1]);
        }
        return config;
    }

    private static List<String> fieldsInError(Map<String, String> config) {
        return new ForwardSourceConnector().validate(config).configValues().stream()
            .filter(value -> !value.errorMessages().isEmpty()).map(ConfigValue::name).toList();
    }

    private static List<String> ports(int maxTasks, String ports) {
        ForwardSourceConnector connector = new ForwardSourceConnector();
        connector.start(config("listen.ports", ports));
        return connector.taskConfigs(maxTasks).stream().map(task -> task.get("listen.ports")).toList();
    }

    @Test
    void pluginIsFoundByItsManifestAndTellsItsVersion() {
        SourceConnector found = ServiceLoader.load(SourceConnector.class).findFirst().orElseThrow();
        assertInstanceOf(ForwardSourceConnector.class, found);
        assertTrue(found.version().matches("\\d+\\.\\d+\\.\\d+.*"), found.version());
    }

    @Test
    void eachTaskGetsItsOwnPorts() {
        assertEquals(List.of("24224"), ports(4, "24224"));
        assertEquals(List.of("24224", "24225", "24300"), ports(8, "24224-24225, 24300"));
        assertEquals(List.of("1,3,5", "2,4"), ports(2, "1-5"));
    }

    @Test
    void tasksAreNumbered() {
        ForwardSourceConnector connector = new ForwardSourceConnector();
        connector.start(config("listen.ports", "1-2"));
        assertEquals(List.of("0", "1"),
            connector.taskConfigs(2).stream().map(task -> task.get("forward.task.id")).toList());
    }

    @Test
    void defaultsAreValid() {
        assertEquals(List.of(), fieldsInError(config()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "listen.ports            | listen.ports=x",
        "listen.ports            | listen.ports=5-1",
        "listen.ports            | listen.ports=70000",
        "listen.ports            | listen.ports=1-3,2",
        "topic                   | topic=${time}",
        "topic                   | topic=a b",
        "record.key              | record.key=field:",
        "value.format            | value.format=avro",
        "message.max.bytes       | message.max.bytes=2000;decompressed.max.bytes=1000;buffer.max.bytes=1000",
        "decompressed.max.bytes  | message.max.bytes=1000;decompressed.max.bytes=2000;buffer.max.bytes=1000",
        "tls.keystore.path   | tls.enabled=true",
        "tls.keystore.path   | tls.enabled=true;tls.keystore.path=/nowhere/at.all",
        "tls.client.auth         | tls.client.auth=required",
        "security.users          | security.users=ann:pw",
        "security.users          | security.users=ann;security.shared.key=secret",
        "connections.max         | connections.max=0",
    })
    void mistakeIsShownOnItsField(String field, String options) {
        Map<String, String> config = config();
        Arrays.stream(options.split(";")).map(option -> option.split("=", 2))
            .forEach(option -> config.put(option[0], option[1]));
        assertEquals(List.of(field), fieldsInError(config));
    }

    @Test
    void errorsKeepSecretsToThemselves() {
        Map<String, String> config = config("security.users", "hunter2", "security.shared.key", "hunter3");
        for (ConfigValue value : new ForwardSourceConnector().validate(config).configValues()) {
            assertFalse(value.errorMessages().toString().contains("hunter"), value.name());
        }
    }

    @Test
    void everyOptionIsDocumentedAndGrouped() {
        new ForwardSourceConnector().config().configKeys().values().forEach(key -> {
            assertFalse(key.documentation.isBlank(), key.name);
            assertFalse(key.group.isBlank(), key.name);
        });
    }

    @Test
    void offsetsCanBeResetAndNotSet() {
        ForwardSourceConnector connector = new ForwardSourceConnector();
        Map<Map<String, ?>, Map<String, ?>> reset = new HashMap<>();
        reset.put(Map.of("p", 1), null);
        assertTrue(connector.alterOffsets(Map.of(), reset));
        assertThrows(ConnectException.class, () -> connector.alterOffsets(Map.of(), Map.of(Map.of("p", 1), Map.of("o", 1))));
    }
}
