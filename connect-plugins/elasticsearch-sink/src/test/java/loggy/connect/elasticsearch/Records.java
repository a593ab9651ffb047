// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.sink.SinkRecord;

/** Records and settings for the tests. */
final class Records {
    static final String TOPIC = "output_tag";
    /** 2026-11-22T18:30:00.123Z. */
    static final long TIME = 1_795_372_200_123L;

    private Records() {
    }

    static SinkRecord json(int partition, long offset, String json) {
        return of(partition, offset, null, json == null ? null : json.getBytes(StandardCharsets.UTF_8));
    }

    static SinkRecord of(int partition, long offset, Schema schema, Object value) {
        return new SinkRecord(TOPIC, partition, null, null, schema, value, offset, TIME, TimestampType.CREATE_TIME);
    }

    static SinkConfig config(String... settings) {
        return new SinkConfig(settings(settings));
    }

    static Map<String, String> settings(String... settings) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            map.put(settings[i], settings[i + 1]);
        }
        return map;
    }
}
