// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TlsTest {
    private static final String PASSWORD = "changeit";
    private static final byte[] CHUNK = Packed.packed("t", List.of(List.of(1, Map.of("k", "v"))), Map.of("chunk", "c"));
    @TempDir
    static Path folder;

    @BeforeAll
    static void makeCertificates() throws Exception {
        keytool("PKCS12", "server.p12", "server");
        keytool("JKS", "server.jks", "server");
        keytool("PKCS12", "client.p12", "client");
        keytool("PKCS12", "stranger.p12", "stranger");
        KeyStore server = store("server.p12");
        Key key = server.getKey("entry", PASSWORD.toCharArray());
        String certificate = pem("CERTIFICATE", server.getCertificate("entry").getEncoded());
        Files.writeString(folder.resolve("both.pem"), certificate + pem("PRIVATE KEY", key.getEncoded()));
        Files.writeString(folder.resolve("tls.crt"), certificate);
        Files.writeString(folder.resolve("tls.key"), pem("PRIVATE KEY", key.getEncoded()));
        Files.writeString(folder.resolve("client.crt"),
            pem("CERTIFICATE", store("client.p12").getCertificate("entry").getEncoded()));
    }

    static Stream<List<String>> keystores() {
        return Stream.of(
            List.of("tls.keystore.type", "PKCS12", "tls.keystore.path", file("server.p12"), "tls.keystore.password", PASSWORD),
            List.of("tls.keystore.type", "jks", "tls.keystore.path", file("server.jks"), "tls.keystore.password", PASSWORD,
                "tls.key.password", PASSWORD),
            List.of("tls.keystore.type", "PEM", "tls.keystore.path", file("both.pem")),
            List.of("tls.keystore.type", "PEM", "tls.keystore.path", file("tls.crt"), "tls.key.path", file("tls.key")));
    }

    @ParameterizedTest
    @MethodSource("keystores")
    void chunkIsAcknowledgedOverTls(List<String> keystore) throws Exception {
        String[] options = Stream.concat(Stream.of("tls.enabled", "true"), keystore.stream()).toArray(String[]::new);
        try (RunningTask task = new RunningTask(options); ForwardClient client = new ForwardClient(task.port, context(null))) {
            client.send(CHUNK);
            task.commit(task.poll(1));
            assertEquals("c", client.ack());
        }
    }

    @Test
    void clientCertificateIsRequiredWhereAskedFor() throws Exception {
        try (RunningTask task = new RunningTask("tls.enabled", "true", "tls.keystore.path", file("server.p12"),
            "tls.keystore.password", PASSWORD, "tls.client.auth", "required", "tls.truststore.type", "PEM",
            "tls.truststore.path", file("client.crt"))) {
            try (ForwardClient client = new ForwardClient(task.port, context("client.p12"))) {
                client.send(CHUNK);
                task.commit(task.poll(1));
                assertEquals("c", client.ack());
            }
            for (String certificate : new String[] {null, "stranger.p12"}) {
                SSLContext context = context(certificate);
                assertThrows(IOException.class, () -> {
                    try (ForwardClient client = new ForwardClient(task.port, context)) {
                        client.send(CHUNK);
                        client.ack();
                    }
                });
            }
            assertTrue(task.becomes(() -> task.metric("RejectedTls") == 2), task.metric("RejectedTls") + " refused");
        }
    }

    @Test
    void plainTextOnATlsPortIsRefused() throws Exception {
        try (RunningTask task = new RunningTask("tls.enabled", "true", "tls.keystore.path", file("server.p12"),
            "tls.keystore.password", PASSWORD); ForwardClient client = task.connect()) {
            client.send(CHUNK);
            assertTrue(task.becomes(() -> task.metric("RejectedTls") == 1));
        }
    }

    @Test
    void wrongPasswordNamesTheFileAndNotThePassword() {
        ConfigException refused = assertThrows(ConfigException.class, () -> new RunningTask("tls.enabled", "true",
            "tls.keystore.path", file("server.p12"), "tls.keystore.password", "guess-1234").close());
        assertTrue(refused.getMessage().contains("server.p12"), refused.getMessage());
        assertTrue(!refused.getMessage().contains("guess-1234"), refused.getMessage());
    }

    private static SSLContext context(String keystore) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(keystore == null ? null : store(keystore), PASSWORD.toCharArray());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("p12", store("server.p12").getCertificate("entry"));
        trusted.setCertificateEntry("jks", store("server.jks").getCertificate("entry"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keystore == null ? null : keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore store(String name) throws Exception {
        KeyStore store = KeyStore.getInstance(name.endsWith("jks") ? "JKS" : "PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve(name))) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    private static void keytool(String type, String file, String name) throws Exception {
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair", "-alias", "entry", "-keyalg", "EC", "-dname", "CN=" + name, "-storetype", type, "-keystore",
            file(file), "-storepass", PASSWORD, "-keypass", PASSWORD).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
            + "\n-----END " + what + "-----\n";
    }

    private static String file(String name) {
        return folder.resolve(name).toString();
    }
}
