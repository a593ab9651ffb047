// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import static loggy.connect.forward.ForwardSourceConfig.BUFFER_MAX_BYTES;
import static loggy.connect.forward.ForwardSourceConfig.DECOMPRESSED_MAX_BYTES;
import static loggy.connect.forward.ForwardSourceConfig.MESSAGE_MAX_BYTES;
import static loggy.connect.forward.ForwardSourceConfig.SECURITY_SHARED_KEY;
import static loggy.connect.forward.ForwardSourceConfig.SECURITY_USERS;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Receives events by the forward protocol of Fluentd, and acknowledges a chunk when Kafka has all of it. */
public final class ForwardSourceConnector extends SourceConnector {
    private static final Logger LOG = LoggerFactory.getLogger(ForwardSourceConnector.class);

    private Map<String, String> properties = Map.of();

    @Override
    public String version() {
        return Version.of(ForwardSourceConnector.class);
    }

    @Override
    public ConfigDef config() {
        return ForwardSourceConfig.definition();
    }

    @Override
    public Class<? extends Task> taskClass() {
        return ForwardSourceTask.class;
    }

    @Override
    public void start(Map<String, String> props) {
        Config checked = validate(props);
        for (ConfigValue value : checked.configValues()) {
            if (!value.errorMessages().isEmpty()) {
                throw new ConfigException(value.errorMessages().get(0));
            }
        }
        properties = Map.copyOf(props);
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        List<Integer> ports = Ports.parse(new ForwardSourceConfig(properties).getString(ForwardSourceConfig.LISTEN_PORTS));
        List<String> shares = Ports.shares(ports, maxTasks);
        if (shares.size() < maxTasks) {
            LOG.info("{} of at most {} tasks: each task needs a port of its own, and {} has {}", shares.size(), maxTasks,
                ForwardSourceConfig.LISTEN_PORTS, ports.size());
        }
        List<Map<String, String>> configs = new ArrayList<>();
        for (int task = 0; task < shares.size(); task++) {
            Map<String, String> config = new HashMap<>(properties);
            config.put(ForwardSourceConfig.LISTEN_PORTS, shares.get(task));
            config.put(ForwardSourceConfig.TASK_ID, String.valueOf(task));
            configs.add(config);
        }
        return configs;
    }

    @Override
    public void stop() {
        properties = Map.of();
    }

    @Override
    public Config validate(Map<String, String> props) {
        Config config = super.validate(props);
        Map<String, ConfigValue> values = config.configValues().stream()
            .collect(Collectors.toMap(ConfigValue::name, Function.identity()));
        requireWithin(values, MESSAGE_MAX_BYTES);
        requireWithin(values, DECOMPRESSED_MAX_BYTES);
        if (values.get(SECURITY_USERS).value() != null && values.get(SECURITY_SHARED_KEY).value() == null) {
            values.get(SECURITY_USERS).addErrorMessage(SECURITY_USERS + " needs " + SECURITY_SHARED_KEY + " as well");
        }
        Tls.validate(values);
        return config;
    }

    /** The protocol knows no transactions: a chunk whose acknowledgement got lost comes again. */
    @Override
    public ExactlyOnceSupport exactlyOnceSupport(Map<String, String> props) {
        return ExactlyOnceSupport.UNSUPPORTED;
    }

    @Override
    public boolean alterOffsets(Map<String, String> props, Map<Map<String, ?>, Map<String, ?>> offsets) {
        if (offsets.values().stream().anyMatch(offset -> offset != null)) {
            throw new ConnectException("This connector keeps no offsets: what is not acknowledged comes again from the sender");
        }
        return true;
    }

    private static void requireWithin(Map<String, ConfigValue> values, String name) {
        if (values.get(name).value() instanceof Integer bytes && values.get(BUFFER_MAX_BYTES).value() instanceof Long buffer
            && bytes > buffer) {
            values.get(name).addErrorMessage(name + "=" + bytes + " is more than " + BUFFER_MAX_BYTES + "=" + buffer);
        }
    }
}
