// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns topic and timestamp into a legal index name. Pure: the same record always goes to the same index. */
final class IndexPattern {
    static final long HOUR_MS = 3_600_000;
    private static final int MAX_BYTES = 255;
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^}]*)}");
    private static final Pattern DATE = Pattern.compile("(?=.*[yMdHwYeD])[yMdHwYeD._-]+");

    private interface Part {
        void append(StringBuilder name, String topic, Instant time);
    }

    private final List<Part> parts;

    private IndexPattern(List<Part> parts) {
        this.parts = parts;
    }

    static IndexPattern parse(String pattern) {
        if (pattern.isBlank()) {
            throw new IllegalArgumentException("the pattern is empty; write for example logs-${topic}-${yyyy.MM.dd}");
        }
        List<Part> parts = new ArrayList<>();
        Matcher variable = VARIABLE.matcher(pattern);
        int end = 0;
        while (variable.find()) {
            literal(parts, pattern.substring(end, variable.start()));
            parts.add(variable(variable.group(1)));
            end = variable.end();
        }
        literal(parts, pattern.substring(end));
        return new IndexPattern(parts);
    }

    private static void literal(List<Part> parts, String text) {
        if (text.contains("${")) {
            throw new IllegalArgumentException("a ${ is not closed");
        }
        if (!text.isEmpty()) {
            parts.add((name, topic, time) -> name.append(text));
        }
    }

    private static Part variable(String variable) {
        if (variable.equals("topic")) {
            return (name, topic, time) -> name.append(topic);
        }
        // Nothing finer than the hour: callers keep a resolved name for an hour.
        if (!DATE.matcher(variable).matches()) {
            throw new IllegalArgumentException("${" + variable
                + "} is neither ${topic} nor a date pattern of the letters y M d H w Y e D");
        }
        DateTimeFormatter format = DateTimeFormatter.ofPattern(variable, Locale.ROOT).withZone(ZoneOffset.UTC);
        return (name, topic, time) -> format.formatTo(time, name);
    }

    /** The index name; it is the same for all timestamps within one UTC hour. */
    String resolve(String topic, long timestampMs) {
        StringBuilder name = new StringBuilder();
        Instant time = Instant.ofEpochMilli(timestampMs);
        parts.forEach(part -> part.append(name, topic, time));
        return legal(name.toString());
    }

    /**
     * The documented rule: lower case; {@code _} for each character that Elasticsearch forbids; no leading
     * {@code - _ +}; at most 255 bytes; {@code _} alone names become {@code unnamed}.
     */
    static String legal(String name) {
        StringBuilder legal = new StringBuilder(name.length());
        name.toLowerCase(Locale.ROOT).codePoints().forEach(c -> legal.appendCodePoint(isForbidden(c) ? '_' : c));
        int start = 0;
        while (start < legal.length() && "-_+".indexOf(legal.charAt(start)) >= 0) {
            start++;
        }
        String text = cut(legal.substring(start));
        return text.isEmpty() || text.equals(".") || text.equals("..") ? "unnamed" : text;
    }

    private static boolean isForbidden(int c) {
        return c <= ' ' || c == 0x7f || "\\/*?\"<>|,#:".indexOf(c) >= 0
            || Character.isISOControl(c) || Character.isWhitespace(c) || Character.isSpaceChar(c)
            || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    private static String cut(String text) {
        String result = text;
        while (result.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            result = result.substring(0, result.offsetByCodePoints(result.length(), -1));
        }
        return result;
    }
}
