// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Finds, in one pass over the bytes, what is needed to put members into a JSON object without parsing it. It proves
 * that the bytes stay one line of one object; whether each value in it is legal JSON is left to Elasticsearch.
 */
final class JsonObject {
    private static final JsonFactory JSON = new JsonFactory();

    private final String stampField;
    private final byte[] stampKey;
    private final String timestampField;
    private final byte[] timestampKey;

    private byte[] json;
    private int open;
    private int close;
    private int[] cuts = new int[4];
    private int cutCount;
    private boolean cutting;
    private boolean newline;
    private boolean timestamp;

    /** Looks for these members at the top; an empty name is not looked for. */
    JsonObject(String stampField, String timestampField) {
        this.stampField = stampField;
        this.stampKey = stampField.getBytes(StandardCharsets.UTF_8);
        this.timestampField = timestampField;
        this.timestampKey = timestampField.getBytes(StandardCharsets.UTF_8);
    }

    boolean hasTimestamp() {
        return timestamp;
    }

    /** Reads an object; throws when the bytes are not exactly one. */
    void scan(byte[] bytes) throws RefusedDocument {
        json = bytes;
        cutCount = 0;
        cutting = false;
        newline = false;
        timestamp = false;
        open = skipSpace(0);
        if (open == json.length || json[open] != '{') {
            throw refused("does not start with {", open);
        }
        close = members();
        int rest = skipSpace(close + 1);
        if (rest != json.length) {
            throw refused("has more after its closing }", rest);
        }
    }

    private int members() throws RefusedDocument {
        int depth = 0;
        boolean key = false;
        for (int i = open; i < json.length; i++) {
            byte c = json[i];
            switch (c) {
                case '"' -> {
                    int end = stringEnd(i);
                    if (key && depth == 1) {
                        member(i, end);
                    }
                    key = false;
                    i = end;
                }
                case '{', '[' -> key = ++depth == 1;
                case ',' -> {
                    if (depth == 1) {
                        endCut(i + 1);
                        key = true;
                    }
                }
                case '}', ']' -> {
                    if (--depth == 0) {
                        if (c != '}') {
                            throw refused("closes { with ]", i);
                        }
                        endCut(i);
                        return i;
                    }
                }
                default -> control(c, i);
            }
        }
        throw refused("ends before its closing }", json.length);
    }

    private void control(byte c, int at) throws RefusedDocument {
        if (c >= 0 && c < ' ') {
            if (c == '\n') {
                newline = true;
            } else if (c != '\r' && c != '\t') {
                throw refused("has a control character", at);
            }
        }
    }

    private int stringEnd(int start) throws RefusedDocument {
        for (int i = start + 1; i < json.length; i++) {
            byte c = json[i];
            if (c == '"') {
                return i;
            }
            if (c == '\\') {
                i++;
                if (i == json.length || json[i] == '\n') {
                    break;
                }
            } else if (c >= 0 && c < ' ') {
                throw refused("has a control character in a string", i);
            }
        }
        throw refused("has a string that does not end", start);
    }

    private void member(int start, int end) throws RefusedDocument {
        if (isStamp(start + 1, end)) {
            if (cutCount + 2 > cuts.length) {
                cuts = Arrays.copyOf(cuts, cuts.length * 2);
            }
            cuts[cutCount] = start;
            cutting = true;
        } else if (is(timestampKey, timestampField, start + 1, end)) {
            timestamp = true;
        }
    }

    private void endCut(int end) {
        if (cutting) {
            cuts[cutCount + 1] = end;
            cutCount += 2;
            cutting = false;
        }
    }

    /** Also "kafka.topic" and the like: Elasticsearch reads the dot as a path into the stamp. */
    private boolean isStamp(int from, int to) throws RefusedDocument {
        if (stampKey.length == 0) {
            return false;
        }
        String name = unescaped(from, to);
        if (name != null) {
            return belongsToStamp(name, stampField);
        }
        int length = stampKey.length;
        return to - from >= length && Arrays.equals(json, from, from + length, stampKey, 0, length)
            && (to - from == length || json[from + length] == '.');
    }

    static boolean belongsToStamp(String name, String stampField) {
        return name.equals(stampField) || (name.startsWith(stampField) && name.charAt(stampField.length()) == '.');
    }

    private boolean is(byte[] key, String name, int from, int to) throws RefusedDocument {
        String unescaped = unescaped(from, to);
        return unescaped != null ? unescaped.equals(name) : Arrays.equals(json, from, to, key, 0, key.length);
    }

    /** The name as a string when it has escapes, which hide what it says; else null. */
    private String unescaped(int from, int to) throws RefusedDocument {
        for (int i = from; i < to; i++) {
            if (json[i] == '\\') {
                try (JsonParser parser = JSON.createParser(json, from - 1, to - from + 2)) {
                    parser.nextToken();
                    return parser.getText();
                } catch (IOException e) {
                    throw refused("has a broken name", from);
                }
            }
        }
        return null;
    }

    /** Writes the object up to where a member can follow, on one line; the caller writes members and closes it. */
    void writeOpen(Bulk bulk) {
        int start = bulk.length();
        int from = open;
        for (int i = 0; i < cutCount; i += 2) {
            bulk.write(json, from, cuts[i] - from);
            from = cuts[i + 1];
        }
        bulk.write(json, from, close - from);
        if (newline) {
            // Between tokens only: a line break in a string was refused.
            bulk.replace(start, (byte) '\n', (byte) ' ');
        }
    }

    private int skipSpace(int from) {
        int i = from;
        while (i < json.length && (json[i] == ' ' || json[i] == '\n' || json[i] == '\r' || json[i] == '\t')) {
            i++;
        }
        return i;
    }

    private static RefusedDocument refused(String what, int at) {
        return new RefusedDocument("the value is not a JSON object: it " + what + " (byte " + at + ")");
    }
}
