// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import static loggy.connect.forward.ForwardSourceConfig.TLS_CLIENT_AUTH;
import static loggy.connect.forward.ForwardSourceConfig.TLS_ENABLED;
import static loggy.connect.forward.ForwardSourceConfig.TLS_KEYSTORE_PATH;
import static loggy.connect.forward.ForwardSourceConfig.TLS_KEYSTORE_PASSWORD;
import static loggy.connect.forward.ForwardSourceConfig.TLS_KEYSTORE_TYPE;
import static loggy.connect.forward.ForwardSourceConfig.TLS_KEY_PATH;
import static loggy.connect.forward.ForwardSourceConfig.TLS_KEY_PASSWORD;
import static loggy.connect.forward.ForwardSourceConfig.TLS_PROTOCOLS;
import static loggy.connect.forward.ForwardSourceConfig.TLS_TRUSTSTORE_PATH;
import static loggy.connect.forward.ForwardSourceConfig.TLS_TRUSTSTORE_PASSWORD;
import static loggy.connect.forward.ForwardSourceConfig.TLS_TRUSTSTORE_TYPE;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;

/** The TLS context from the tls.* options, and which of them belong together. */
final class Tls {
    private static final String PEM = "PEM";

    private Tls() { }

    /** Null when TLS is off. The files are read here, once: a new certificate needs a restart of the task. */
    static SslContext context(ForwardSourceConfig config) {
        if (!config.getBoolean(TLS_ENABLED)) {
            return null;
        }
        try {
            SslContextBuilder builder = keys(config).sslProvider(SslProvider.JDK)
                .protocols(config.getList(TLS_PROTOCOLS))
                .clientAuth(clientAuth(config.getString(TLS_CLIENT_AUTH)));
            trust(config, builder);
            return builder.build();
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new ConfigException("TLS cannot be set up from " + TLS_KEYSTORE_PATH + "="
                + config.getString(TLS_KEYSTORE_PATH) + ": " + e.getMessage());
        }
    }

    static void validate(Map<String, ConfigValue> values) {
        boolean enabled = Boolean.TRUE.equals(values.get(TLS_ENABLED).value());
        boolean clientAuth = !"none".equals(values.get(TLS_CLIENT_AUTH).value());
        if (!enabled) {
            if (clientAuth) {
                values.get(TLS_CLIENT_AUTH).addErrorMessage(TLS_CLIENT_AUTH + " needs " + TLS_ENABLED + "=true");
            }
            return;
        }
        requireFile(values.get(TLS_KEYSTORE_PATH), true);
        requireFile(values.get(TLS_KEY_PATH), false);
        requireFile(values.get(TLS_TRUSTSTORE_PATH), clientAuth);
    }

    /** Looks for the file only where the check runs; workers are expected to be alike. */
    private static void requireFile(ConfigValue value, boolean needed) {
        String location = value.value() instanceof String text ? text : "";
        if (location.isEmpty()) {
            if (needed) {
                value.addErrorMessage(value.name() + " is needed with the other tls options as they are");
            }
        } else if (!Files.isReadable(Path.of(location))) {
            value.addErrorMessage(value.name() + "=" + location + " is no file that the worker can read");
        }
    }

    private static SslContextBuilder keys(ForwardSourceConfig config) throws IOException, GeneralSecurityException {
        String location = config.getString(TLS_KEYSTORE_PATH);
        String storePassword = config.secret(TLS_KEYSTORE_PASSWORD);
        String keyPassword = config.secret(TLS_KEY_PASSWORD);
        if (isPem(config.getString(TLS_KEYSTORE_TYPE))) {
            String key = config.getString(TLS_KEY_PATH);
            return SslContextBuilder.forServer(new File(location), new File(key.isEmpty() ? location : key), keyPassword);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store(config.getString(TLS_KEYSTORE_TYPE), location, storePassword),
            chars(keyPassword == null ? storePassword : keyPassword));
        return SslContextBuilder.forServer(keys);
    }

    private static void trust(ForwardSourceConfig config, SslContextBuilder builder)
        throws IOException, GeneralSecurityException {
        String location = config.getString(TLS_TRUSTSTORE_PATH);
        if (location.isEmpty()) {
            return;
        }
        if (isPem(config.getString(TLS_TRUSTSTORE_TYPE))) {
            builder.trustManager(new File(location));
            return;
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store(config.getString(TLS_TRUSTSTORE_TYPE), location, config.secret(TLS_TRUSTSTORE_PASSWORD)));
        builder.trustManager(trust);
    }

    private static KeyStore store(String type, String location, String password)
        throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(type.toUpperCase(Locale.ROOT));
        try (InputStream in = Files.newInputStream(Path.of(location))) {
            store.load(in, chars(password));
        }
        return store;
    }

    private static boolean isPem(String type) {
        return type.equalsIgnoreCase(PEM);
    }

    private static char[] chars(String password) {
        return password == null ? null : password.toCharArray();
    }

    private static ClientAuth clientAuth(String value) {
        return switch (value) {
            case "required" -> ClientAuth.REQUIRE;
            case "requested" -> ClientAuth.OPTIONAL;
            default -> ClientAuth.NONE;
        };
    }
}
