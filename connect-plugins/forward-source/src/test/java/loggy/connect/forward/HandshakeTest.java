// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.msgpack.value.ArrayValue;
import org.msgpack.value.Value;
import org.msgpack.value.ValueFactory;

class HandshakeTest {
    private static final byte[] CHUNK = Packed.packed("t", List.of(List.of(1, Map.of("k", "v"))), Map.of("chunk", "c"));
    private static final String[] KEY = {"security.shared.key", "secret"};
    private static final String[] KEY_AND_USERS = {"security.shared.key", "secret", "security.users", "ann:pw,bob:p:w"};

    private static byte[] digest(Object... parts) throws Exception {
        MessageDigest sha512 = MessageDigest.getInstance("SHA-512");
        for (Object part : parts) {
            sha512.update(part instanceof byte[] bytes ? bytes : ((String) part).getBytes(StandardCharsets.UTF_8));
        }
        return HexFormat.of().formatHex(sha512.digest()).getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] option(ArrayValue helo, String name) {
        assertEquals("HELO", helo.get(0).asStringValue().asString());
        Value value = helo.get(1).asMapValue().map().get(ValueFactory.newString(name));
        return value.asRawValue().asByteArray();
    }

    private static ArrayValue pong(ForwardClient client, String key, String user, String password) throws Exception {
        ArrayValue helo = client.receive().asArrayValue();
        byte[] nonce = option(helo, "nonce");
        byte[] auth = option(helo, "auth");
        client.send(Packed.value(List.of("PING", "client", "salt", digest("salt", "client", nonce, key), user,
            auth.length == 0 ? "" : digest(auth, user, password))));
        ArrayValue pong = client.receive().asArrayValue();
        if (pong.get(1).asBooleanValue().getBoolean()) {
            assertEquals(new String(digest("salt", pong.get(3).asStringValue().asString(), nonce, key),
                StandardCharsets.US_ASCII), pong.get(4).asStringValue().asString());
        }
        return pong;
    }

    private static String refusal(String[] options, String key, String user, String password) throws Exception {
        try (RunningTask task = new RunningTask(options); ForwardClient client = task.connect()) {
            ArrayValue pong = pong(client, key, user, password);
            assertFalse(pong.get(1).asBooleanValue().getBoolean());
            assertTrue(client.isClosedByServer());
            assertEquals(1, task.metric("RejectedUnauthenticated"));
            return pong.get(2).asStringValue().asString();
        }
    }

    private static void assertAccepted(String[] options, String user, String password) throws Exception {
        try (RunningTask task = new RunningTask(options); ForwardClient client = task.connect()) {
            ArrayValue pong = pong(client, "secret", user, password);
            assertTrue(pong.get(1).asBooleanValue().getBoolean());
            assertEquals("test", pong.get(3).asStringValue().asString());
            client.send(CHUNK);
            task.commit(task.poll(1));
            assertEquals("c", client.ack());
        }
    }

    @Test
    void sharedKeyOpensTheConnection() throws Exception {
        assertAccepted(KEY, "", "");
    }

    @Test
    void userAndPasswordOpenTheConnection() throws Exception {
        assertAccepted(KEY_AND_USERS, "ann", "pw");
        assertAccepted(KEY_AND_USERS, "bob", "p:w");
    }

    @Test
    void wrongKeyIsRefused() throws Exception {
        assertEquals("shared_key mismatch", refusal(KEY, "guess", "", ""));
    }

    @Test
    void wrongPasswordAndUnknownUserAreRefusedAlike() throws Exception {
        assertEquals("username/password mismatch", refusal(KEY_AND_USERS, "secret", "ann", "guess"));
        assertEquals("username/password mismatch", refusal(KEY_AND_USERS, "secret", "eve", ""));
    }

    @Test
    void eventsWithoutHandshakeAreRefused() throws Exception {
        try (RunningTask task = new RunningTask(KEY); ForwardClient client = task.connect()) {
            client.receive();
            client.send(CHUNK);
            assertTrue(client.isClosedByServer());
            assertEquals(1, task.metric("RejectedUnauthenticated"));
            assertNull(task.task.poll());
        }
    }

    @Test
    void bytesBeforeTheHandshakeAreFew() throws Exception {
        try (RunningTask task = new RunningTask(KEY); ForwardClient client = task.connect()) {
            client.send(Packed.value(List.of("PING", "x".repeat(10_000))));
            client.receive();
            assertTrue(client.isClosedByServer());
            assertEquals(1, task.metric("RejectedTooLarge"));
        }
    }

    @Test
    void silentStrangerIsNotWaitedFor() throws Exception {
        try (RunningTask task = new RunningTask("security.shared.key", "secret", "handshake.timeout.ms", "300");
             ForwardClient client = task.connect()) {
            client.receive();
            assertTrue(client.isClosedByServer());
            assertEquals(1, task.metric("RejectedTimeout"));
        }
    }
}
