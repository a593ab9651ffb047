// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a server whose certificate is for localhost, so that 127.0.0.1 is the wrong name. */
class TlsTest {
    private static final String SECRET = "changeit";
    @TempDir
    static Path folder;
    private static FakeElasticsearch fake;

    @BeforeAll
    static void start() throws Exception {
        Path server = keys("server", "dns:localhost", "RSA");
        keys("client", "dns:client", "EC");
        keys("stranger", "dns:stranger", "RSA");
        writePem("server");
        writePem("client");
        SSLContext context = SSLContext.getInstance("TLS");
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(load(server), SECRET.toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        KeyStore clients = KeyStore.getInstance("PKCS12");
        clients.load(null, null);
        clients.setCertificateEntry("client", load(folder.resolve("client.p12")).getCertificate("client"));
        trust.init(clients);
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        fake = FakeElasticsearch.https(context, true);
    }

    @AfterAll
    static void stop() {
        fake.close();
    }

    private static Path keys(String name, String san, String algorithm) throws IOException, InterruptedException {
        Path store = folder.resolve(name + ".p12");
        Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair", "-alias", name, "-keyalg", algorithm, "-dname", "CN=" + name, "-ext", "san=" + san,
            "-validity", "2", "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", SECRET)
            .redirectErrorStream(true).start();
        assertEquals(0, keytool.waitFor(), () -> "keytool failed for " + name);
        return store;
    }

    private static KeyStore load(Path store) throws IOException, GeneralSecurityException {
        return KeyStore.getInstance(store.toFile(), SECRET.toCharArray());
    }

    private static void writePem(String name) throws IOException, GeneralSecurityException {
        KeyStore store = load(folder.resolve(name + ".p12"));
        Certificate certificate = store.getCertificate(name);
        String pem = pem("CERTIFICATE", certificate.getEncoded());
        Files.writeString(folder.resolve(name + ".crt"), "a comment\n" + pem);
        byte[] key = store.getKey(name, SECRET.toCharArray()).getEncoded();
        Files.writeString(folder.resolve(name + ".pem"), pem("PRIVATE KEY", key) + pem);
        Files.writeString(folder.resolve(name + ".old.pem"), pem("RSA PRIVATE KEY", key) + pem);
    }

    private static String pem(String kind, byte[] content) {
        return "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder().encodeToString(content) + "\n-----END " + kind
            + "-----\n";
    }

    private static String file(String name) {
        return folder.resolve(name).toString();
    }

    /** Sends one record; true when it arrived, false when the connection was refused by either side. */
    private static boolean arrives(String host, String... settings) {
        long before = fake.documents();
        String[] all = new String[settings.length + 2];
        System.arraycopy(settings, 0, all, 0, settings.length);
        all[settings.length] = "index";
        all[settings.length + 1] = "tls-" + System.nanoTime();
        try (TaskRun run = new TaskRun("https://" + host + ":" + fake.port(), all)) {
            run.put(Records.json(0, 0, "{}"));
            run.until(() -> run.committable() == 1 || run.task.metrics().getRequestsFailed() > 1);
            assertEquals(fake.documents() - before, run.committable());
            return run.committable() == 1;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"client.pem", "client.p12"})
    void aClientCertificateOpensTheDoor(String keystore) {
        List<String> password = keystore.endsWith("p12") ? List.of("tls.keystore.password", SECRET) : List.of();
        String[] settings = new String[4 + password.size()];
        settings[0] = "tls.truststore.path";
        settings[1] = file("server.crt");
        settings[2] = "tls.keystore.path";
        settings[3] = file(keystore);
        for (int i = 0; i < password.size(); i++) {
            settings[4 + i] = password.get(i);
        }
        assertTrue(arrives("localhost", settings));
    }

    @Test
    void withoutItsClientCertificateNothingArrives() {
        assertFalse(arrives("localhost", "tls.truststore.path", file("server.crt")));
        assertFalse(arrives("localhost", "tls.truststore.path", file("server.crt"), "tls.keystore.path",
            file("stranger.p12"), "tls.keystore.password", SECRET));
    }

    @Test
    void verificationIsFullUnlessItIsLoweredByName() {
        String[][] cases = {
            {"full", "server.crt", "localhost", "true"}, {"full", "server.crt", "127.0.0.1", "false"},
            {"full", "client.crt", "localhost", "false"}, {"certificate", "server.crt", "127.0.0.1", "true"},
            {"certificate", "client.crt", "127.0.0.1", "false"}, {"none", "client.crt", "127.0.0.1", "true"}};
        for (String[] expected : cases) {
            assertEquals(Boolean.valueOf(expected[3]), arrives(expected[2], "tls.verify", expected[0], "tls.truststore.path",
                file(expected[1]), "tls.keystore.path", file("client.pem")), String.join(" ", expected));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"absent.p12", "client.p12", "client.crt", "server.old.pem"})
    void aKeyStoreThatCannotBeReadIsNamedWithTheReason(String keystore) {
        SinkConfig config = Records.config("tls.keystore.path", file(keystore), "tls.keystore.password", "not it");
        ConfigException error = assertThrows(ConfigException.class, () -> Tls.context(config));
        assertTrue(error.getMessage().contains(file(keystore)), error.getMessage());
        assertFalse(error.getMessage().contains("not it"), error.getMessage());
    }
}
