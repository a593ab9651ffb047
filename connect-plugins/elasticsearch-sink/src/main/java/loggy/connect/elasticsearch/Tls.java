// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.apache.kafka.common.config.ConfigException;

/** Reads certificates and keys (PEM, PKCS12, JKS) and decides what of a server is verified. */
final class Tls {
    private static final Pattern KEY = Pattern.compile("-----BEGIN ([A-Z ]*PRIVATE KEY)-----([^-]+)-----END");

    private Tls() {
    }

    static SSLContext context(SinkConfig config) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys(config), new TrustManager[] {trust(config)}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new ConfigException("tls: cannot set TLS up: " + e.getMessage());
        }
    }

    private static KeyManager[] keys(SinkConfig config) throws GeneralSecurityException {
        String path = config.getString(SinkConfig.TLS_KEYSTORE_PATH);
        if (path.isEmpty()) {
            return new KeyManager[0];
        }
        char[] password = config.secret(SinkConfig.TLS_KEYSTORE_PASSWORD).toCharArray();
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(read(SinkConfig.TLS_KEYSTORE_PATH, path, password, true), password);
        return factory.getKeyManagers();
    }

    private static X509ExtendedTrustManager trust(SinkConfig config) throws GeneralSecurityException {
        String path = config.getString(SinkConfig.TLS_TRUSTSTORE_PATH);
        char[] password = config.secret(SinkConfig.TLS_TRUSTSTORE_PASSWORD).toCharArray();
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(path.isEmpty() ? null : read(SinkConfig.TLS_TRUSTSTORE_PATH, path, password, false));
        X509ExtendedTrustManager full = (X509ExtendedTrustManager) factory.getTrustManagers()[0];
        SinkConfig.Verify verify = config.choice(SinkConfig.TLS_VERIFY, SinkConfig.Verify.class);
        return verify == SinkConfig.Verify.FULL ? full : new Lenient(full, verify == SinkConfig.Verify.CERTIFICATE);
    }

    private static KeyStore read(String setting, String path, char[] password, boolean withKey) {
        try {
            byte[] content = Files.readAllBytes(new File(path).toPath());
            if (new String(content, StandardCharsets.ISO_8859_1).contains("-----BEGIN ")) {
                return pem(content, password, withKey);
            }
            // Without a password a JKS trust store is still readable: its integrity is not checked then.
            return KeyStore.getInstance(new File(path), password.length == 0 ? null : password);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new ConfigException(setting + ": cannot read " + path + ": " + e.getClass().getSimpleName() + ": "
                + e.getMessage() + "; it must be PEM, PKCS12 or JKS, with its password set");
        }
    }

    private static KeyStore pem(byte[] content, char[] password, boolean withKey)
        throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        String text = new String(content, StandardCharsets.ISO_8859_1);
        Matcher key = KEY.matcher(text);
        boolean hasKey = key.find();
        byte[] certificates = KEY.matcher(text).replaceAll("").getBytes(StandardCharsets.ISO_8859_1);
        Collection<? extends Certificate> chain = certificates(certificates);
        if (withKey) {
            if (!hasKey) {
                throw new KeyFileException("it has no private key; put key and certificates into one file");
            }
            store.setKeyEntry("client", privateKey(key.group(1), key.group(2)), password,
                chain.toArray(new Certificate[0]));
            return store;
        }
        int number = 0;
        for (Certificate certificate : chain) {
            store.setCertificateEntry("ca-" + number++, certificate);
        }
        return store;
    }

    private static Collection<? extends Certificate> certificates(byte[] pem) throws GeneralSecurityException {
        int start = new String(pem, StandardCharsets.ISO_8859_1).indexOf("-----BEGIN CERTIFICATE-----");
        if (start < 0) {
            throw new KeyFileException("it has no certificate");
        }
        return CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(pem, start, pem.length - start));
    }

    private static PrivateKey privateKey(String kind, String base64) throws GeneralSecurityException {
        if (!kind.equals("PRIVATE KEY")) {
            throw new KeyFileException("its key is a " + kind
                + "; convert it with: openssl pkcs8 -topk8 -nocrypt -in old.pem -out new.pem");
        }
        PKCS8EncodedKeySpec key = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64));
        for (String algorithm : new String[] {"RSA", "EC", "EdDSA"}) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(key);
            } catch (InvalidKeySpecException e) {
                // The file does not name its algorithm: try the next.
                continue;
            }
        }
        throw new KeyFileException("its key is neither RSA nor EC nor EdDSA");
    }

    private static final class KeyFileException extends GeneralSecurityException {
        private static final long serialVersionUID = 1L;

        KeyFileException(String message) {
            super(message);
        }
    }

    /**
     * Leaves out the check of the host name, and of the chain where asked. JSSE adds no check of its own to an
     * X509ExtendedTrustManager; the HTTP client's switch for it would be a property of the whole worker.
     */
    private static final class Lenient extends X509ExtendedTrustManager {
        private final X509ExtendedTrustManager full;
        private final boolean chain;

        Lenient(X509ExtendedTrustManager full, boolean chain) {
            this.full = full;
            this.chain = chain;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] certificates, String type) throws CertificateException {
            if (chain) {
                full.checkServerTrusted(certificates, type);
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] certificates, String type, Socket socket)
            throws CertificateException {
            checkServerTrusted(certificates, type);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] certificates, String type, SSLEngine engine)
            throws CertificateException {
            checkServerTrusted(certificates, type);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] certificates, String type) throws CertificateException {
            throw new CertificateException("this is no server");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] certificates, String type, Socket socket)
            throws CertificateException {
            checkClientTrusted(certificates, type);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] certificates, String type, SSLEngine engine)
            throws CertificateException {
            checkClientTrusted(certificates, type);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return full.getAcceptedIssuers();
        }
    }
}
