// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.Value;

/** A blocking client of the forward protocol, written from its specification alone. */
final class ForwardClient implements AutoCloseable {
    static final int TIMEOUT_MILLIS = 10_000;
    private final Socket socket;
    private final MessageUnpacker in;

    ForwardClient(int port) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    ForwardClient(int port, SSLContext tls) throws IOException {
        this(tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port));
    }

    private ForwardClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(TIMEOUT_MILLIS);
        in = MessagePack.newDefaultUnpacker(socket.getInputStream());
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    Value receive() throws IOException {
        return in.unpackValue();
    }

    /** The chunk id of the next acknowledgement. */
    String ack() throws IOException {
        for (Map.Entry<Value, Value> entry : receive().asMapValue().entrySet()) {
            if (entry.getKey().asStringValue().asString().equals("ack")) {
                return entry.getValue().asRawValue().asString();
            }
        }
        throw new IOException("no ack in the response");
    }

    /** Whether nothing arrives within the time. */
    boolean isSilentFor(int millis) throws IOException {
        socket.setSoTimeout(millis);
        try {
            in.hasNext();
            return false;
        } catch (java.net.SocketTimeoutException e) {
            return true;
        } finally {
            socket.setSoTimeout(TIMEOUT_MILLIS);
        }
    }

    /** Whether the server closed the connection, waiting for it as long as the timeout allows. */
    boolean isClosedByServer() {
        try {
            return !in.hasNext();
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
