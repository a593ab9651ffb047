// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import static org.apache.kafka.common.config.ConfigDef.Importance.HIGH;
import static org.apache.kafka.common.config.ConfigDef.Importance.LOW;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;
import static org.apache.kafka.common.config.ConfigDef.Range.atLeast;
import static org.apache.kafka.common.config.ConfigDef.Range.between;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Validator;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;

/** The connector's options: names, defaults, documentation, and what each may be by itself. */
final class ForwardSourceConfig extends AbstractConfig {
    static final String LISTEN_ADDRESS = "listen.address";
    static final String LISTEN_PORTS = "listen.ports";
    static final String CONNECTIONS_MAX = "connections.max";
    static final String HANDSHAKE_TIMEOUT_MS = "handshake.timeout.ms";
    static final String MESSAGE_TIMEOUT_MS = "message.timeout.ms";
    static final String CONNECTION_IDLE_MS = "connection.idle.ms";
    static final String HEARTBEAT_UDP = "heartbeat.udp";
    static final String TOPIC = "topic";
    static final String RECORD_KEY = "record.key";
    static final String VALUE_FORMAT = "value.format";
    static final String TIMESTAMP_AHEAD_MAX_MS = "timestamp.ahead.max.ms";
    static final String BUFFER_MAX_BYTES = "buffer.max.bytes";
    static final String MESSAGE_MAX_BYTES = "message.max.bytes";
    static final String DECOMPRESSED_MAX_BYTES = "decompressed.max.bytes";
    static final String EVENT_MAX_BYTES = "event.max.bytes";
    static final String MESSAGE_MAX_DEPTH = "message.max.depth";
    static final String BATCH_MAX_RECORDS = "batch.max.records";
    static final String DEDUPLICATE_CHUNKS = "deduplicate.chunks";
    static final String SECURITY_SHARED_KEY = "security.shared.key";
    static final String SECURITY_SELF_HOSTNAME = "security.self.hostname";
    static final String SECURITY_USERS = "security.users";
    static final String TLS_ENABLED = "tls.enabled";
    static final String TLS_KEYSTORE_TYPE = "tls.keystore.type";
    static final String TLS_KEYSTORE_PATH = "tls.keystore.path";
    static final String TLS_KEYSTORE_PASSWORD = "tls.keystore.password";
    static final String TLS_KEY_PATH = "tls.key.path";
    static final String TLS_KEY_PASSWORD = "tls.key.password";
    static final String TLS_TRUSTSTORE_TYPE = "tls.truststore.type";
    static final String TLS_TRUSTSTORE_PATH = "tls.truststore.path";
    static final String TLS_TRUSTSTORE_PASSWORD = "tls.truststore.password";
    static final String TLS_CLIENT_AUTH = "tls.client.auth";
    static final String TLS_PROTOCOLS = "tls.protocols";
    /** Set by the connector for each of its tasks. */
    static final String TASK_ID = "forward.task.id";

    static final String KEY_NONE = "none";
    static final String KEY_TAG = "tag";
    static final String KEY_FIELD_PREFIX = "field:";
    static final String FORMAT_MAP = "map";
    static final String FORMAT_JSON = "json";

    private static final int MEBI = 1 << 20;
    private static final int LARGEST = 1 << 30;

    static ConfigDef definition() {
        Definition def = new Definition();
        def.group("Listener")
            .option(LISTEN_ADDRESS, Type.STRING, "0.0.0.0", nonEmpty(), HIGH,
                "Address to listen on. The default is every address of the worker; 127.0.0.1 is this host only.")
            .option(LISTEN_PORTS, Type.STRING, "24224", valid(Ports::parse), HIGH,
                "Ports to listen on: a port, a range or a list of both, as 24224-24227,24300. Each task gets its own"
                    + " share, so there are at most as many tasks as ports.")
            .option(CONNECTIONS_MAX, Type.INT, 1024, atLeast(1), MEDIUM, "Open connections of one task at most.")
            .option(HANDSHAKE_TIMEOUT_MS, Type.LONG, 10_000L, atLeast(1), LOW,
                "Time for the TLS handshake, and then for a valid PING.")
            .option(MESSAGE_TIMEOUT_MS, Type.LONG, 60_000L, atLeast(1), LOW,
                "Time for the rest of a message once its first byte came. Time in which reading is paused does not count.")
            .option(CONNECTION_IDLE_MS, Type.LONG, 0L, atLeast(0), LOW,
                "Closes a connection that sent nothing for so long and waits for no acknowledgement; 0 is never.")
            .option(HEARTBEAT_UDP, Type.BOOLEAN, false, null, LOW,
                "Answers UDP heartbeats (heartbeat_type udp) on the same ports.");
        def.group("Records")
            .option(TOPIC, Type.STRING, "${tag}", valid(TopicName::new), HIGH,
                "Topic name, fixed or with ${tag} and ${tag[N]}, the tag's part between dots, from 0, or from the end with"
                    + " -1. What no topic name may have is replaced.")
            .option(RECORD_KEY, Type.STRING, KEY_NONE, valid(ForwardSourceConfig::requireKey), MEDIUM,
                "Key of each record: none, tag, or field:NAME for a top-level field of the event.")
            .option(VALUE_FORMAT, Type.STRING, FORMAT_MAP, ConfigDef.ValidString.in(FORMAT_MAP, FORMAT_JSON), MEDIUM,
                "map gives maps and lists without schema, for JsonConverter with schemas.enable=false; json gives JSON bytes,"
                    + " for ByteArrayConverter, and is the fast one.")
            .option(TIMESTAMP_AHEAD_MAX_MS, Type.LONG, 1_800_000L, atLeast(0), LOW,
                "An event time further ahead than this becomes the time of arrival as record timestamp; brokers refuse"
                    + " timestamps too far ahead. The header event.time keeps the event's own.");
        def.group("Limits")
            .option(BUFFER_MAX_BYTES, Type.LONG, 64L * MEBI, atLeast(1), HIGH,
                "Bytes that one task has read and Kafka has not committed. At the limit it stops reading.")
            .option(MESSAGE_MAX_BYTES, Type.INT, 32 * MEBI, between(1, LARGEST), HIGH,
                "One message (a Fluentd chunk) at most. Must be larger than Fluentd's chunk_limit_size.")
            .option(DECOMPRESSED_MAX_BYTES, Type.INT, 64 * MEBI, between(1, LARGEST), MEDIUM,
                "One compressed message at most, once decompressed.")
            .option(EVENT_MAX_BYTES, Type.INT, 1_000_000, between(1, LARGEST), MEDIUM,
                "One event at most. Must be below the producer's max.request.size, or such an event would fail the task.")
            .option(MESSAGE_MAX_DEPTH, Type.INT, 64, between(1, 512), LOW,
                "Arrays and maps in each other at most, within an event's record.")
            .option(BATCH_MAX_RECORDS, Type.INT, 2000, atLeast(1), LOW, "Records that one poll returns at most.");
        def.group("Delivery")
            .option(DEDUPLICATE_CHUNKS, Type.INT, 0, between(0, 10_000_000), MEDIUM,
                "Chunk ids each task remembers after they were committed, to acknowledge a chunk that comes again without"
                    + " producing it again; 0 is off.");
        def.group("Authentication")
            .option(SECURITY_SHARED_KEY, Type.PASSWORD, null, null, HIGH,
                "shared_key of the forward protocol. When set, every connection must authenticate.")
            .option(SECURITY_SELF_HOSTNAME, Type.STRING, "", null, LOW,
                "self_hostname in PONG; the connector's name when empty. Fluentd refuses a server with its own.")
            .option(SECURITY_USERS, Type.PASSWORD, null, valid(users -> users((Password) users)), MEDIUM,
                "Users who may send, as user:password, separated by commas. Needs " + SECURITY_SHARED_KEY + ".");
        tls(def);
        return def.def;
    }

    private static void tls(Definition def) {
        Validator storeType = ConfigDef.CaseInsensitiveValidString.in("PKCS12", "JKS", "PEM");
        def.group("TLS")
            .option(TLS_ENABLED, Type.BOOLEAN, false, null, HIGH, "Speaks TLS on all ports. Needs a keystore.")
            .option(TLS_KEYSTORE_TYPE, Type.STRING, "PKCS12", storeType, MEDIUM, "PKCS12, JKS or PEM.")
            .option(TLS_KEYSTORE_PATH, Type.STRING, "", null, HIGH,
                "File with certificate chain and private key; with PEM the key may be in " + TLS_KEY_PATH + ".")
            .option(TLS_KEYSTORE_PASSWORD, Type.PASSWORD, null, null, HIGH, "Password of the keystore file.")
            .option(TLS_KEY_PATH, Type.STRING, "", null, LOW,
                "PEM file with the private key (PKCS#8), when it is not in the file with the certificate.")
            .option(TLS_KEY_PASSWORD, Type.PASSWORD, null, null, MEDIUM,
                "Password of the private key; the keystore's when not set.")
            .option(TLS_TRUSTSTORE_TYPE, Type.STRING, "PKCS12", storeType, LOW, "PKCS12, JKS or PEM.")
            .option(TLS_TRUSTSTORE_PATH, Type.STRING, "", null, MEDIUM,
                "File with the certificates that client certificates are checked against.")
            .option(TLS_TRUSTSTORE_PASSWORD, Type.PASSWORD, null, null, MEDIUM, "Password of the truststore file.")
            .option(TLS_CLIENT_AUTH, Type.STRING, "none", ConfigDef.ValidString.in("none", "requested", "required"), MEDIUM,
                "Whether clients present a certificate: none, requested or required.")
            .option(TLS_PROTOCOLS, Type.LIST, List.of("TLSv1.3", "TLSv1.2"), null, LOW, "TLS versions that are offered.");
    }

    ForwardSourceConfig(Map<String, String> properties) {
        super(definition(), properties, false);
    }

    Limits limits() {
        return new Limits(getInt(MESSAGE_MAX_BYTES), getInt(DECOMPRESSED_MAX_BYTES), getInt(EVENT_MAX_BYTES),
            getInt(MESSAGE_MAX_DEPTH));
    }

    String secret(String key) {
        Password password = getPassword(key);
        return password == null ? null : password.value();
    }

    /** Null when no shared key is set: connections need no handshake then. */
    Handshake.Credentials credentials() {
        String sharedKey = secret(SECURITY_SHARED_KEY);
        if (sharedKey == null) {
            return null;
        }
        String hostname = getString(SECURITY_SELF_HOSTNAME);
        String self = hostname.isEmpty() ? originalsStrings().getOrDefault("name", "forward-source") : hostname;
        return new Handshake.Credentials(self, sharedKey, users(getPassword(SECURITY_USERS)));
    }

    String keyField() {
        String key = getString(RECORD_KEY);
        return key.startsWith(KEY_FIELD_PREFIX) ? key.substring(KEY_FIELD_PREFIX.length()) : null;
    }

    private static Map<String, String> users(Password list) {
        Map<String, String> users = new LinkedHashMap<>();
        if (list != null && !list.value().isBlank()) {
            for (String user : list.value().split(",")) {
                int colon = user.indexOf(':');
                if (colon < 1) {
                    throw new IllegalArgumentException("each user must be user:password, separated by commas");
                }
                users.put(user.substring(0, colon).strip(), user.substring(colon + 1).strip());
            }
        }
        return users;
    }

    private static void requireKey(String key) {
        boolean known = Arrays.asList(KEY_NONE, KEY_TAG).contains(key);
        if (!known && (!key.startsWith(KEY_FIELD_PREFIX) || key.length() == KEY_FIELD_PREFIX.length())) {
            throw new IllegalArgumentException("must be none, tag or field:NAME");
        }
    }

    private static Validator nonEmpty() {
        return new ConfigDef.NonEmptyString();
    }

    private interface Check<T> {
        void apply(T value);
    }

    /** A validator from whatever throws {@link IllegalArgumentException}; never repeats a secret's value. */
    @SuppressWarnings("unchecked")
    private static <T> Validator valid(Check<T> check) {
        return (name, value) -> {
            try {
                if (value != null) {
                    check.apply((T) value);
                }
            } catch (IllegalArgumentException e) {
                throw new ConfigException(name, value instanceof Password ? Password.HIDDEN
                    : value, e.getMessage());
            }
        };
    }

    private static final class Definition {
        private final ConfigDef def = new ConfigDef();
        private String group;
        private int order;

        Definition group(String name) {
            group = name;
            order = 0;
            return this;
        }

        Definition option(String name, Type type, Object value, Validator validator, Importance importance, String doc) {
            def.define(name, type, value, validator, importance, doc, group, ++order, Width.MEDIUM,
                name.replace('.', ' ').toLowerCase(Locale.ROOT));
            return this;
        }
    }
}
