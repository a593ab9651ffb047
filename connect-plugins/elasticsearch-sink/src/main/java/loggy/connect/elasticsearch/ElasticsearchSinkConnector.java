// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.sink.SinkConnector;

/** Writes topics into indices or data streams of Elasticsearch or OpenSearch, and loses nothing. */
public final class ElasticsearchSinkConnector extends SinkConnector {
    private Map<String, String> properties = Map.of();

    /** The worker makes it. */
    public ElasticsearchSinkConnector() {
    }

    @Override
    public String version() {
        return Version.VERSION;
    }

    @Override
    public void start(Map<String, String> configured) {
        properties = Map.copyOf(configured);
    }

    @Override
    public Class<? extends Task> taskClass() {
        return ElasticsearchSinkTask.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        List<Map<String, String>> tasks = new ArrayList<>();
        for (int i = 0; i < maxTasks; i++) {
            Map<String, String> task = new HashMap<>(properties);
            task.put(SinkConfig.TASK_ID, Integer.toString(i));
            tasks.add(task);
        }
        return tasks;
    }

    @Override
    public void stop() {
        properties = Map.of();
    }

    @Override
    public ConfigDef config() {
        return SinkConfig.DEFINITION;
    }

    @Override
    public Config validate(Map<String, String> configured) {
        Config result = super.validate(configured);
        Map<String, String> problems = SinkConfig.problems(configured);
        for (ConfigValue value : result.configValues()) {
            if (problems.containsKey(value.name())) {
                value.addErrorMessage(value.name() + ": " + problems.get(value.name()));
            }
        }
        return result;
    }
}
