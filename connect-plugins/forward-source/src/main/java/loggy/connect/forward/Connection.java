// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import loggy.connect.forward.Refusal.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection: bytes in, chunks out, acknowledgements back. Runs in the server's event loop only. */
final class Connection extends ChannelInboundHandlerAdapter implements Budget.Reader, Chunk.Origin {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    /** A PING is far smaller; without this a stranger could make us hold message.max.bytes. */
    private static final int HANDSHAKE_MAX_BYTES = 8192;
    private static final byte[] ACK_PREFIX = "\u0081\u00a3ack".getBytes(StandardCharsets.ISO_8859_1);

    private final ForwardServer server;
    private final Channel channel;
    private final Limits limits;
    private final Text text;
    private final Framer framer;
    private final long opened = System.nanoTime();
    private final List<Chunk> received = new ArrayList<>();
    private String peer = "unknown";
    /** Null once it is done, or when none is required. */
    private Handshake handshake;
    /** A read was asked of the budget; {@link #reading} once it is granted. */
    private boolean requested;
    private boolean reading;
    private boolean closed;
    private boolean registered;
    /** Bytes that were read and belong to no chunk yet. */
    private long unframed;
    private int inFlight;
    private long lastRead = opened;
    private long lastTick = opened;
    private long insideMessage;

    Connection(ForwardServer server, Channel channel) {
        this.server = server;
        this.channel = channel;
        limits = server.config.limits();
        text = new Text(server.metrics.invalidUtf8);
        framer = new Framer(limits);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        peer = address((InetSocketAddress) channel.remoteAddress());
        int most = server.config.getInt(ForwardSourceConfig.CONNECTIONS_MAX);
        if (server.connections.size() >= most) {
            refuse(new Refusal(Reason.TOO_MANY_CONNECTIONS, "there are " + ForwardSourceConfig.CONNECTIONS_MAX + "=" + most));
            return;
        }
        registered = server.connections.add(this);
        server.publishGauges();
        if (server.credentials != null) {
            handshake = new Handshake(server.credentials);
            framer.limit(HANDSHAKE_MAX_BYTES);
            send(handshake.helo());
            flush();
        }
        readOn();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        closed = true;
        handOver();
        if (registered) {
            server.connections.remove(this);
        }
        server.budget.left(this);
        server.budget.gave(unframed);
        unframed = 0;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf data = (ByteBuf) message;
        try {
            if (!closed) {
                take(data);
            }
        } catch (Refusal refusal) {
            refuse(refusal);
        } finally {
            ReferenceCountUtil.release(data);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        handOver();
        context.flush();
        requested = false;
        reading = false;
        readOn();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        readOn();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        // A peer that goes away before it has said anything, as probes do, is not refused.
        if (event instanceof SslHandshakeCompletionEvent end && !end.isSuccess() && channel.isActive()) {
            refuse(new Refusal(Reason.TLS, "TLS failed: " + end.cause().getMessage()));
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Throwable reason = cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
        if (reason instanceof SSLException) {
            refuse(new Refusal(Reason.TLS, "TLS failed: " + reason.getMessage()));
        } else if (reason instanceof IOException) {
            LOG.debug("The connection of {} broke", peer, reason);
            close();
        } else {
            LOG.debug("Unexpected error with the connection of {}", peer, reason);
            refuse(Refusal.malformed("unexpected " + reason));
        }
    }

    @Override
    public void read() {
        reading = true;
        channel.read();
    }

    @Override
    public boolean isInsideMessage() {
        return framer.pending() > 0;
    }

    @Override
    public void committed(Chunk chunk) {
        server.end(this, chunk, null);
    }

    @Override
    public void refused(Chunk chunk, Refusal refusal) {
        server.end(this, chunk, refusal);
    }

    void chunkEnded() {
        inFlight--;
    }

    void acknowledge(byte[] chunkId) {
        if (channel.isActive()) {
            send(ACK_PREFIX, chunkId);
            server.metrics.chunksAcknowledged.increment();
        }
    }

    void flush() {
        channel.flush();
    }

    void refuse(Refusal refusal) {
        if (closed) {
            return;
        }
        server.metrics.reject(refusal.reason);
        server.refusalLog.warn(peer, String.valueOf(channel.localAddress()), refusal, System.nanoTime());
        close();
    }

    /** What was written before still goes out. */
    void close() {
        closed = true;
        handOver();
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    void tick(long now) {
        long elapsed = now - lastTick;
        lastTick = now;
        if (closed) {
            return;
        }
        insideMessage = isInsideMessage() ? insideMessage + (reading ? elapsed : 0) : 0;
        if (handshake != null && now - opened > nanos(ForwardSourceConfig.HANDSHAKE_TIMEOUT_MS)) {
            refuse(new Refusal(Reason.TIMEOUT, "no valid PING within " + ForwardSourceConfig.HANDSHAKE_TIMEOUT_MS));
        } else if (insideMessage > nanos(ForwardSourceConfig.MESSAGE_TIMEOUT_MS)) {
            refuse(new Refusal(Reason.TIMEOUT, "a message stopped half-way for longer than "
                + ForwardSourceConfig.MESSAGE_TIMEOUT_MS));
        } else if (isIdle(now)) {
            LOG.debug("Closing the idle connection of {}", peer);
            close();
        }
    }

    private boolean isIdle(long now) {
        long limit = nanos(ForwardSourceConfig.CONNECTION_IDLE_MS);
        return limit > 0 && now - lastRead > limit && inFlight == 0 && !isInsideMessage();
    }

    private long nanos(String millisOption) {
        return MILLISECONDS.toNanos(server.config.getLong(millisOption));
    }

    /** Not while a peer leaves its acknowledgements unread: they would pile up here. */
    private void readOn() {
        if (!closed && !requested && channel.isWritable()) {
            requested = true;
            server.budget.request(this);
        }
    }

    private void take(ByteBuf data) {
        int length = data.readableBytes();
        lastRead = System.nanoTime();
        server.metrics.bytesRead.add(length);
        server.budget.took(length);
        unframed += length;
        framer.feed(data.nioBuffer());
        for (Framer.Frame frame = framer.next(); frame != null && !closed; frame = framer.next()) {
            insideMessage = 0;
            if (handshake != null) {
                answer(frame);
            } else {
                message(frame);
            }
        }
    }

    private void answer(Framer.Frame ping) {
        discard(ping);
        Handshake.Answer answer = handshake.answer(ping);
        send(answer.pong());
        if (answer.refusal() != null) {
            throw answer.refusal();
        }
        handshake = null;
        framer.limit(limits.messageBytes());
    }

    private void message(Framer.Frame frame) {
        Message message = Message.parse(frame, limits, text);
        if (message == null) {
            discard(frame);
            return;
        }
        server.metrics.chunksReceived.increment();
        byte[] acknowledgement = message.acknowledgement();
        if (message.entries().count() == 0) {
            discard(frame);
            acknowledgeIfAsked(acknowledgement);
            return;
        }
        switch (server.window.arrive(message.chunk(), new ForwardServer.Waiter(this, acknowledgement))) {
            case NEW -> accept(frame, message);
            case IN_FLIGHT -> {
                server.metrics.duplicates.increment();
                discard(frame);
            }
            case COMMITTED -> {
                server.metrics.duplicates.increment();
                discard(frame);
                acknowledgeIfAsked(acknowledgement);
            }
        }
    }

    private void accept(Framer.Frame frame, Message message) {
        // Decompressed entries have taken the place of the frame; others are inside it.
        boolean inside = message.entries().bytes() == frame.bytes();
        int bytes = inside ? frame.size() : message.entries().bytes().length;
        unframed -= frame.size();
        server.budget.took((long) bytes - frame.size());
        server.budget.chunkBegun();
        inFlight++;
        received.add(new Chunk(message, this, peer, bytes, lastRead));
    }

    private void acknowledgeIfAsked(byte[] chunkId) {
        if (chunkId != null) {
            acknowledge(chunkId);
        }
    }

    private void discard(Framer.Frame frame) {
        unframed -= frame.size();
        server.budget.gave(frame.size());
    }

    private void handOver() {
        if (!received.isEmpty()) {
            server.deliver(received);
            received.clear();
        }
    }

    private void send(byte[]... parts) {
        channel.write(Unpooled.wrappedBuffer(parts));
    }

    private static String address(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : '[' + host + ']') + ':' + address.getPort();
    }
}
