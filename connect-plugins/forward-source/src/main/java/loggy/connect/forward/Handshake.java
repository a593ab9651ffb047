// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import loggy.connect.forward.Refusal.Reason;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;

/** HELO, PING and PONG of one connection: shared key, and user and password where users are set. Knows no network. */
final class Handshake {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int SALT_BYTES = 16;

    /** What every connection of a task is checked against. {@code users} may be empty: then only the key counts. */
    record Credentials(String hostname, String sharedKey, Map<String, String> users) { }

    /** PONG to be sent, and the refusal that follows it, or null. */
    record Answer(byte[] pong, Refusal refusal) { }

    private final Credentials credentials;
    private final byte[] nonce = salt();
    private final byte[] userSalt;

    Handshake(Credentials credentials) {
        this.credentials = credentials;
        this.userSalt = credentials.users().isEmpty() ? new byte[0] : salt();
    }

    byte[] helo() {
        return packed(out -> {
            out.packArrayHeader(2).packString("HELO").packMapHeader(3);
            out.packString("nonce").packBinaryHeader(nonce.length).writePayload(nonce);
            out.packString("auth").packBinaryHeader(userSalt.length).writePayload(userSalt);
            out.packString("keepalive").packBoolean(true);
        });
    }

    Answer answer(Framer.Frame ping) {
        try (MessageUnpacker in = MessagePack.newDefaultUnpacker(ping.bytes(), ping.from(), ping.size())) {
            if (in.unpackArrayHeader() != 6 || !new String(bytes(in), StandardCharsets.UTF_8).equals("PING")) {
                throw new Refusal(Reason.UNAUTHENTICATED, "something else than PING, where a handshake is required");
            }
            return check(bytes(in), bytes(in), bytes(in), bytes(in), bytes(in));
        } catch (IOException | MessagePackException e) {
            throw new Refusal(Reason.UNAUTHENTICATED, "a broken PING: " + e.getMessage());
        }
    }

    private Answer check(byte[] hostname, byte[] salt, byte[] keyDigest, byte[] user, byte[] passwordDigest) {
        byte[] key = utf8(credentials.sharedKey());
        if (!MessageDigest.isEqual(hexDigest(salt, hostname, nonce, key), keyDigest)) {
            return failed("shared_key mismatch");
        }
        if (!credentials.users().isEmpty()) {
            String password = credentials.users().get(new String(user, StandardCharsets.UTF_8));
            // The digest of an unknown user is computed as well, so that time does not tell who exists.
            byte[] expected = hexDigest(userSalt, user, utf8(password == null ? "" : password));
            if (!MessageDigest.isEqual(expected, passwordDigest) || password == null) {
                return failed("username/password mismatch");
            }
        }
        byte[] self = utf8(credentials.hostname());
        String digest = new String(hexDigest(salt, self, nonce, key), StandardCharsets.US_ASCII);
        return new Answer(pong(true, "", credentials.hostname(), digest), null);
    }

    private static Answer failed(String reason) {
        return new Answer(pong(false, reason, "", ""), new Refusal(Reason.UNAUTHENTICATED, reason));
    }

    private static byte[] pong(boolean accepted, String reason, String hostname, String digest) {
        return packed(out -> out.packArrayHeader(5).packString("PONG").packBoolean(accepted).packString(reason)
            .packString(hostname).packString(digest));
    }

    private static byte[] bytes(MessageUnpacker in) throws IOException {
        return in.readPayload(in.unpackRawStringHeader());
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] salt() {
        byte[] salt = new byte[SALT_BYTES];
        RANDOM.nextBytes(salt);
        return salt;
    }

    static byte[] hexDigest(byte[]... parts) {
        try {
            MessageDigest sha512 = MessageDigest.getInstance("SHA-512");
            for (byte[] part : parts) {
                sha512.update(part);
            }
            return HexFormat.of().formatHex(sha512.digest()).getBytes(StandardCharsets.US_ASCII);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-512", e);
        }
    }

    private interface Packing {
        void into(MessageBufferPacker out) throws IOException;
    }

    private static byte[] packed(Packing packing) {
        try (MessageBufferPacker out = MessagePack.newDefaultBufferPacker()) {
            packing.into(out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new IllegalStateException("packing into memory cannot fail", e);
        }
    }
}
