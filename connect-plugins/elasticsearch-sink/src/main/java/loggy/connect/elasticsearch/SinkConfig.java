// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;

/** The connector's settings, their documentation and the rules between them. Opens no file and no socket. */
final class SinkConfig extends AbstractConfig {
    static final String HOSTS = "hosts";
    static final String USERNAME = "username";
    static final String PASSWORD = "password";
    static final String API_KEY = "api.key";
    static final String TLS_VERIFY = "tls.verify";
    static final String TLS_TRUSTSTORE_PATH = "tls.truststore.path";
    static final String TLS_TRUSTSTORE_PASSWORD = "tls.truststore.password";
    static final String TLS_KEYSTORE_PATH = "tls.keystore.path";
    static final String TLS_KEYSTORE_PASSWORD = "tls.keystore.password";
    static final String REQUEST_TIMEOUT = "request.timeout.ms";
    static final String GZIP = "gzip";
    static final String INDEX = "index";
    static final String DATA_STREAM = "data.stream";
    static final String DOCUMENT_ID = "document.id";
    static final String EVENT_ID_HEADER = "event.id.header";
    static final String DOCUMENT_TYPE = "document.type";
    static final String STAMP_FIELD = "stamp.field";
    static final String TIMESTAMP_FIELD = "timestamp.field";
    static final String ON_NULL = "on.null";
    static final String ON_REFUSED_DOCUMENT = "on.refused.document";
    static final String BULK_MAX_BYTES = "bulk.max.bytes";
    static final String BULK_MAX_DOCUMENTS = "bulk.max.documents";
    static final String BULK_LINGER = "bulk.linger.ms";
    static final String REQUESTS_IN_FLIGHT = "requests.in.flight";
    static final String BUFFER_MAX_BYTES = "buffer.max.bytes";
    static final String FLUSH_TIMEOUT = "flush.timeout.ms";
    static final String RETRY_BACKOFF = "retry.backoff.ms";
    static final String RETRY_BACKOFF_MAX = "retry.backoff.max.ms";
    static final String REFUSED_REQUEST_TIMEOUT = "refused.request.timeout.ms";

    static final String DLQ_TOPIC = "errors.deadletterqueue.topic.name";
    static final String TASK_ID = "task.id";

    enum DocumentId { EVENT, COORDINATES }

    enum OnNull { IGNORE, DELETE }

    enum OnRefused { REPORT, FAIL, DROP }

    enum Verify { FULL, CERTIFICATE, NONE }

    static final ConfigDef DEFINITION = definition();

    SinkConfig(Map<String, String> properties) {
        super(DEFINITION, properties, false);
        Map<String, String> problems = problems(properties);
        if (!problems.isEmpty()) {
            Map.Entry<String, String> first = problems.entrySet().iterator().next();
            throw new ConfigException(first.getKey() + ": " + first.getValue());
        }
    }

    /** What is wrong between settings that are each legal, by the name of the setting to correct. */
    static Map<String, String> problems(Map<String, String> properties) {
        Map<String, String> problems = new LinkedHashMap<>();
        Rules rules = new Rules(properties, problems);
        rules.together(USERNAME, PASSWORD);
        rules.apart(API_KEY, USERNAME, "Elasticsearch takes one kind of credentials: remove one of the two");
        rules.apart(DATA_STREAM, INDEX, "documents go to an index or to a data stream: remove one of the two");
        rules.needs(TLS_TRUSTSTORE_PASSWORD, TLS_TRUSTSTORE_PATH);
        rules.needs(TLS_KEYSTORE_PASSWORD, TLS_KEYSTORE_PATH);
        if (rules.has(DATA_STREAM) && "delete".equals(properties.get(ON_NULL))) {
            problems.put(ON_NULL, "a data stream takes no deletions: use ignore");
        }
        if (rules.has(DATA_STREAM) && properties.getOrDefault(TIMESTAMP_FIELD, "@timestamp").isBlank()) {
            problems.put(TIMESTAMP_FIELD, "a data stream needs a timestamp in every document: keep @timestamp");
        }
        rules.ordered(RETRY_BACKOFF, RETRY_BACKOFF_MAX);
        rules.ordered(BULK_MAX_BYTES, BUFFER_MAX_BYTES);
        return problems;
    }

    private record Rules(Map<String, String> properties, Map<String, String> problems) {
        boolean has(String name) {
            return !properties.getOrDefault(name, "").isBlank();
        }

        void together(String one, String other) {
            needs(one, other);
            needs(other, one);
        }

        void needs(String name, String other) {
            if (has(name) && !has(other)) {
                problems.put(other, "is missing, but " + name + " is set");
            }
        }

        void apart(String one, String other, String advice) {
            if (has(one) && has(other)) {
                problems.put(one, "is set beside " + other + "; " + advice);
            }
        }

        void ordered(String small, String large) {
            try {
                if (number(small) > number(large)) {
                    problems.put(large, "is smaller than " + small);
                }
            } catch (ConfigException e) {
                return; // The definition itself reports what is no number.
            }
        }

        private long number(String name) {
            ConfigDef.ConfigKey key = DEFINITION.configKeys().get(name);
            Object value = properties.containsKey(name)
                ? ConfigDef.parseType(name, properties.get(name), key.type) : key.defaultValue;
            return ((Number) value).longValue();
        }
    }

    <T extends Enum<T>> T choice(String name, Class<T> type) {
        return Enum.valueOf(type, getString(name).toUpperCase(Locale.ROOT));
    }

    String secret(String name) {
        Password password = getPassword(name);
        return password == null || password.value() == null ? "" : password.value();
    }

    boolean hasDataStream() {
        return !getString(DATA_STREAM).isEmpty();
    }

    IndexPattern indexPattern() {
        return IndexPattern.parse(hasDataStream() ? getString(DATA_STREAM) : getString(INDEX));
    }

    List<URI> hosts() {
        return getList(HOSTS).stream().map(host -> URI.create(host.replaceAll("/+$", ""))).toList();
    }

    private static final String CONNECTION = "Connection";
    private static final String DOCUMENTS = "Documents";
    private static final String BULK = "Bulk requests";
    private static final String RETRIES = "Retries";

    private static ConfigDef definition() {
        Groups def = new Groups();
        connection(def);
        documents(def);
        bulk(def);
        retries(def);
        return def.definition;
    }

    private static void connection(Groups def) {
        def.add(CONNECTION, HOSTS, Type.LIST, "http://127.0.0.1:9200", new HostsValidator(), Importance.HIGH,
            "URLs of the cluster's nodes, http:// or https://, with an optional path. Requests go to them in turn; a "
            + "node that does not answer is left out for a while.");
        def.add(CONNECTION, USERNAME, Type.STRING, "", null, Importance.MEDIUM, "User for basic authentication.");
        def.add(CONNECTION, PASSWORD, Type.PASSWORD, "", null, Importance.MEDIUM, "Password of the user.");
        def.add(CONNECTION, API_KEY, Type.PASSWORD, "", null, Importance.MEDIUM,
            "Elasticsearch API key in its encoded form (base64 of id:key). Instead of a user.");
        def.add(CONNECTION, TLS_VERIFY, Type.STRING, "full", ValidString.in("full", "certificate", "none"),
            Importance.MEDIUM, "What is verified of a https host: full (certificate chain and host name), certificate "
            + "(the chain only), none (nothing; anyone in between can read and change the documents).");
        def.add(CONNECTION, TLS_TRUSTSTORE_PATH, Type.STRING, "", null, Importance.MEDIUM,
            "File of the certificate authorities: PEM, PKCS12 or JKS, told apart by content. Empty: those of the JVM.");
        def.add(CONNECTION, TLS_TRUSTSTORE_PASSWORD, Type.PASSWORD, "", null, Importance.LOW, "Password of the trust store.");
        def.add(CONNECTION, TLS_KEYSTORE_PATH, Type.STRING, "", null, Importance.MEDIUM,
            "File of the client certificate and its key: PKCS12, JKS, or PEM with an unencrypted PKCS#8 key.");
        def.add(CONNECTION, TLS_KEYSTORE_PASSWORD, Type.PASSWORD, "", null, Importance.LOW, "Password of the key store.");
        def.add(CONNECTION, REQUEST_TIMEOUT, Type.INT, 60_000, Range.atLeast(100), Importance.LOW,
            "How long to wait for the answer to one request before it is sent again.");
        def.add(CONNECTION, GZIP, Type.BOOLEAN, false, null, Importance.LOW,
            "Compress requests. Saves network, costs CPU at both ends.");
    }

    private static void documents(Groups def) {
        def.add(DOCUMENTS, INDEX, Type.STRING, "logs-${topic}-${yyyy.MM.dd}", new PatternValidator(), Importance.HIGH,
            "Index of a document. ${topic} is the record's topic, any other ${...} a date pattern (letters y M d H w Y "
            + "e D) of the record's timestamp in UTC. The outcome is lower-cased and made legal.");
        def.add(DOCUMENTS, DATA_STREAM, Type.STRING, "", new PatternValidator(), Importance.MEDIUM,
            "Data stream to write to instead of an index (operation create); ${topic} as in index.");
        def.add(DOCUMENTS, DOCUMENT_ID, Type.STRING, "event", ValidString.in("event", "coordinates"), Importance.HIGH,
            "Id of a document: event (the event id in the record's header; topic+partition+offset where there is none) "
            + "or coordinates (topic+partition+offset). Both make a redelivered record overwrite itself.");
        def.add(DOCUMENTS, EVENT_ID_HEADER, Type.STRING, "event.id", new ConfigDef.NonEmptyString(), Importance.LOW,
            "Header that carries the event id.");
        def.add(DOCUMENTS, DOCUMENT_TYPE, Type.STRING, "", null, Importance.LOW,
            "Mapping type. Elasticsearch 6 needs one (_doc); 7 tolerates it; 8 and later refuse it.");
        def.add(DOCUMENTS, STAMP_FIELD, Type.STRING, "kafka", null, Importance.LOW,
            "Object field that receives topic, partition, offset and timestamp of the record. It replaces a field of "
            + "that name. Empty: no stamp.");
        def.add(DOCUMENTS, TIMESTAMP_FIELD, Type.STRING, "@timestamp", null, Importance.LOW,
            "Field that receives the record's timestamp when the document has none. Empty: none is added.");
        def.add(DOCUMENTS, ON_NULL, Type.STRING, "ignore", ValidString.in("ignore", "delete"), Importance.LOW,
            "What a record without a value does: ignore, or delete the document of its id and index.");
        def.add(DOCUMENTS, ON_REFUSED_DOCUMENT, Type.STRING, "report", ValidString.in("report", "fail", "drop"),
            Importance.HIGH, "What happens to a document that is refused for good: report (to the dead-letter topic "
            + "of the connector; fails the task when none is set up), fail (the task), drop (the document is lost).");
    }

    private static void bulk(Groups def) {
        def.add(BULK, BULK_MAX_BYTES, Type.INT, 5 << 20, Range.between(1024, 1 << 30), Importance.MEDIUM,
            "Largest body of one bulk request before compression. A single larger document is sent alone.");
        def.add(BULK, BULK_MAX_DOCUMENTS, Type.INT, 5000, Range.atLeast(1), Importance.MEDIUM,
            "Most documents in one bulk request.");
        def.add(BULK, BULK_LINGER, Type.LONG, 50L, Range.atLeast(0), Importance.MEDIUM,
            "How long a request waits to be filled while no more records come.");
        def.add(BULK, REQUESTS_IN_FLIGHT, Type.INT, 3, Range.between(1, 64), Importance.MEDIUM,
            "Bulk requests of one task that are under way at once.");
        def.add(BULK, BUFFER_MAX_BYTES, Type.LONG, 64L << 20, Range.atLeast(1024), Importance.MEDIUM,
            "Bytes of records held by one task that are not yet accounted for; consumption pauses above it.");
        def.add(BULK, FLUSH_TIMEOUT, Type.LONG, 3000L, Range.atLeast(0), Importance.LOW,
            "How long an offset commit, a rebalance and a stop wait for what is in flight. Keep it below the worker's "
            + "task.shutdown.graceful.timeout.ms and offset.flush.timeout.ms.");
    }

    private static void retries(Groups def) {
        def.add(RETRIES, RETRY_BACKOFF, Type.LONG, 100L, Range.atLeast(1), Importance.LOW,
            "First pause before something is sent again; doubles with every attempt, with jitter.");
        def.add(RETRIES, RETRY_BACKOFF_MAX, Type.LONG, 10_000L, Range.atLeast(1), Importance.LOW,
            "Longest pause between attempts. Attempts never end.");
        def.add(RETRIES, REFUSED_REQUEST_TIMEOUT, Type.LONG, 60_000L, Range.atLeast(0), Importance.LOW,
            "How long to go on when the cluster refuses requests as such (credentials, missing privileges, a missing "
            + "index that it may not create) before the task fails. Its records stay uncommitted.");
    }

    private static final class Groups {
        final ConfigDef definition = new ConfigDef();
        private int order;

        void add(String group, String name, Type type, Object fallback, ConfigDef.Validator validator,
                 Importance importance, String documentation) {
            definition.define(name, type, fallback, validator, importance, documentation, group, ++order,
                Width.MEDIUM, name);
        }
    }

    private static final class HostsValidator implements ConfigDef.Validator {
        @Override
        public void ensureValid(String name, Object value) {
            List<?> hosts = (List<?>) value;
            if (hosts.isEmpty()) {
                throw new ConfigException(name, value, "at least one URL is needed, as http://host:9200");
            }
            hosts.forEach(host -> check(name, host.toString()));
        }

        private static void check(String name, String host) {
            URI uri;
            try {
                uri = URI.create(host);
            } catch (IllegalArgumentException e) {
                throw new ConfigException(name + ": not a URL; write http://host:9200");
            }
            if (uri.getRawUserInfo() != null) {
                // The value is left out: it holds a password.
                throw new ConfigException(name + ": a URL holds credentials; use username and password instead");
            }
            if (uri.getHost() == null || !List.of("http", "https").contains(String.valueOf(uri.getScheme()))
                || uri.getRawQuery() != null || uri.getRawFragment() != null) {
                throw new ConfigException(name, host, "must be http://host[:port][/path] or https://...");
            }
        }

        @Override
        public String toString() {
            return "http:// or https:// URLs without credentials";
        }
    }

    private static final class PatternValidator implements ConfigDef.Validator {
        @Override
        public void ensureValid(String name, Object value) {
            try {
                if (name.equals(INDEX) || !value.toString().isEmpty()) {
                    IndexPattern.parse(value.toString());
                }
            } catch (IllegalArgumentException e) {
                throw new ConfigException(name, value, e.getMessage());
            }
        }

        @Override
        public String toString() {
            return "text with ${topic} and ${date pattern}";
        }
    }
}
