// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * The topic of a tag, by a pattern with ${tag} and ${tag[N]}; always a legal name, by the rule in
 * docs/connectors/forward-source.md. Not thread-safe: it remembers the tags that it has seen.
 */
final class TopicName {
    private static final int LONGEST = 249;
    private static final int HASH_LENGTH = 9;
    private static final int REMEMBERED_TAGS = 10_000;
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^}]*)}");
    private static final Pattern TAG_OR_PART = Pattern.compile("tag(?:\\[(-?\\d{1,4})])?");

    /** A literal, or a part of the tag; {@code index} null means all of it. */
    private record Piece(String literal, Integer index) { }

    private final List<Piece> pieces = new ArrayList<>();
    private final Map<String, String> topics = new HashMap<>();

    /** Throws {@link IllegalArgumentException} with what is wrong with the pattern. */
    TopicName(String pattern) {
        Matcher placeholder = PLACEHOLDER.matcher(pattern);
        int at = 0;
        while (placeholder.find()) {
            addLiteral(pattern.substring(at, placeholder.start()));
            Matcher tag = TAG_OR_PART.matcher(placeholder.group(1));
            if (!tag.matches()) {
                throw new IllegalArgumentException("unknown placeholder " + placeholder.group()
                    + ", known are ${tag} and ${tag[N]}");
            }
            pieces.add(new Piece(null, tag.group(1) == null ? null : Integer.valueOf(tag.group(1))));
            at = placeholder.end();
        }
        addLiteral(pattern.substring(at));
        if (pieces.isEmpty()) {
            throw new IllegalArgumentException("the pattern is empty");
        }
    }

    String of(String tag) {
        String topic = topics.get(tag);
        if (topic == null) {
            if (topics.size() >= REMEMBERED_TAGS) {
                topics.clear();
            }
            topic = legal(expand(tag));
            topics.put(tag, topic);
        }
        return topic;
    }

    private void addLiteral(String literal) {
        if (literal.isEmpty()) {
            return;
        }
        if (!legal(literal).equals(literal) && !literal.matches("[A-Za-z0-9._-]{1,249}")) {
            throw new IllegalArgumentException("'" + literal + "' has characters that no topic name may have;"
                + " allowed are letters, digits, '.', '_' and '-'");
        }
        pieces.add(new Piece(literal, null));
    }

    private String expand(String tag) {
        String[] parts = tag.split("\\.", -1);
        StringBuilder name = new StringBuilder();
        for (Piece piece : pieces) {
            name.append(piece.literal != null ? piece.literal : piece.index == null ? tag : part(parts, piece.index));
        }
        return name.toString();
    }

    private static String part(String[] parts, int index) {
        int at = index < 0 ? parts.length + index : index;
        return at < 0 || at >= parts.length || parts[at].isEmpty() ? "_" : parts[at];
    }

    static String legal(String name) {
        StringBuilder legal = new StringBuilder();
        name.codePoints().forEach(c -> legal.append(isLegal(c) ? (char) c : '_'));
        String result = legal.toString();
        if (result.isEmpty() || result.equals(".") || result.equals("..")) {
            return "_";
        }
        while (result.startsWith("__")) {
            // Kafka's own topics begin so, and a tag comes from the network.
            result = result.substring(1);
        }
        return result.length() <= LONGEST ? result
            : result.substring(0, LONGEST - HASH_LENGTH) + '-' + hash(name);
    }

    private static boolean isLegal(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-';
    }

    private static String hash(String name) {
        CRC32 crc = new CRC32();
        crc.update(name.getBytes(StandardCharsets.UTF_8));
        return String.format("%08x", crc.getValue());
    }
}
