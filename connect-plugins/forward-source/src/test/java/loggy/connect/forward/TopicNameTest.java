// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.kafka.common.internals.Topic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicNameTest {
    @ParameterizedTest
    @CsvSource({
        "logs,              any.tag,       logs",
        "${tag},            output_tag,    output_tag",
        "logs.${tag},       kube.app.x,    logs.kube.app.x",
        "logs.${tag[0]},    kube.app.x,    logs.kube",
        "${tag[1]}-${tag[-1]}, kube.app.x, app-x",
        "logs.${tag[7]},    kube.app.x,    logs._",
        "${tag},            '',            _",
        "${tag},            .,             _",
        "${tag},            ..,            _",
        "${tag},            a b/ä:😀,      a_b____",
        "${tag},            __consumer_offsets, _consumer_offsets",
        "${tag[0]},         .b,            _",
    })
    void tagBecomesTopic(String pattern, String tag, String topic) {
        assertEquals(topic, new TopicName(pattern).of(tag));
    }

    @Property(tries = 500)
    void everyTagGivesALegalTopic(@ForAll String tag) {
        Topic.validate(new TopicName("${tag}").of(tag));
        Topic.validate(new TopicName("logs-${tag}.${tag[2]}").of(tag + "." + tag));
    }

    @Test
    void tagsTooLongStayApart() {
        TopicName topic = new TopicName("${tag}");
        String tag = "x".repeat(300);
        Topic.validate(topic.of(tag));
        assertNotEquals(topic.of(tag), topic.of(tag + "y"));
        assertEquals(249, topic.of(tag).length());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "${time}", "a b", "${tag[x]}", "logs/${tag}", "${tag"})
    void brokenPatternIsRefused(String pattern) {
        assertThrows(IllegalArgumentException.class, () -> new TopicName(pattern));
    }
}
