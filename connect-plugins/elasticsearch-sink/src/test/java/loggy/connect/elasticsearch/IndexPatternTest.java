// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IndexPatternTest {
    @ParameterizedTest
    @CsvSource({
        "logs-${topic}-${yyyy.MM.dd}, output_tag, 2026-11-22T23:59:59.999Z, logs-output_tag-2026.11.22",
        "logs-${topic}-${yyyy.MM.dd}, output_tag, 2026-11-23T00:00:00.000Z, logs-output_tag-2026.11.23",
        "${topic}, Web.Access-1, 2026-11-22T00:00:00Z, web.access-1",
        "${topic}, a b/c*d?e<f>g|h\"i#j:k, 2026-11-22T00:00:00Z, a_b_c_d_e_f_g_h_i_j_k",
        "${topic}, __internal, 2026-11-22T00:00:00Z, internal",
        "${topic}, .., 2026-11-22T00:00:00Z, unnamed",
        "${topic}, _-+, 2026-11-22T00:00:00Z, unnamed",
        "x-${yyyy-MM-dd.HH}, t, 2026-01-02T03:04:05Z, x-2026-01-02.03",
        "fixed, t, 2026-01-02T03:04:05Z, fixed"})
    void topicAndUtcDateMakeALegalName(String pattern, String topic, String time, String expected) {
        assertEquals(expected, IndexPattern.parse(pattern).resolve(topic, Instant.parse(time).toEpochMilli()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "${", "a-${topic", "${tag}", "${}", "${mm}", "${yyyy.MM.dd ss}"})
    void whatIsNoPatternIsRefused(String pattern) {
        assertThrows(IllegalArgumentException.class, () -> IndexPattern.parse(pattern));
    }

    @Test
    void namesAreCutAtTheLimitOfBytesAndNeverWithinACharacter() {
        String name = IndexPattern.legal("é".repeat(200));
        assertEquals("é".repeat(127), name);
    }

    @Property
    void anyTopicGivesAnIndexNameThatElasticsearchTakes(@ForAll @StringLength(max = 300) String topic) {
        String name = IndexPattern.parse("${topic}").resolve(topic, 0);
        assertFalse(name.isEmpty() || name.equals(".") || name.equals(".."));
        assertTrue("-_+".indexOf(name.charAt(0)) < 0, name);
        assertTrue(name.chars().noneMatch(c -> "\\/*?\"<>| ,#:".indexOf(c) >= 0), name);
        assertEquals(name.toLowerCase(Locale.ROOT), name);
        assertTrue(name.getBytes(StandardCharsets.UTF_8).length <= 255);
    }

    @Property
    void theNameIsTheSameWithinAnHour(@ForAll @LongRange(min = 0, max = 4_000_000_000_000L) long time) {
        IndexPattern pattern = IndexPattern.parse("${yyyy.MM.dd.HH.D.e.w.Y}");
        long hour = time - time % IndexPattern.HOUR_MS;
        assertEquals(pattern.resolve("t", hour), pattern.resolve("t", time));
    }
}
