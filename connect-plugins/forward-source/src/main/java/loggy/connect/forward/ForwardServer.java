// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listeners of one task, and what their connections share. Everything here runs in one event loop, but for what
 * {@link #end} takes in from the threads that commit.
 */
final class ForwardServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ForwardServer.class);
    private static final long TICK_MILLIS = 200;
    private static final long BIND_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long CLOSE_MILLIS = 3000;

    /** A chunk whose way has ended: committed, or refused with the reason. */
    private record Ended(Connection connection, Chunk chunk, Refusal refusal) { }

    /** Who waits for an acknowledgement, in its own spelling of the chunk id. */
    record Waiter(Connection connection, byte[] acknowledgement) { }

    final ForwardSourceConfig config;
    final Metrics metrics;
    final Budget budget;
    final ChunkWindow<Waiter> window;
    final Set<Connection> connections = new HashSet<>();
    final RefusalLog refusalLog = new RefusalLog(LOG::warn);
    final Handshake.Credentials credentials;
    private final ChunkQueue queue;
    private final SslContext tls;
    private final EventLoopGroup group;
    private final EventLoop loop;
    private final List<Channel> listeners = new ArrayList<>();
    private final Queue<Ended> ended = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean draining = new AtomicBoolean();

    ForwardServer(ForwardSourceConfig config, ChunkQueue queue, Metrics metrics) {
        this.config = config;
        this.queue = queue;
        this.metrics = metrics;
        budget = new Budget(config.getLong(ForwardSourceConfig.BUFFER_MAX_BYTES));
        window = new ChunkWindow<>(config.getInt(ForwardSourceConfig.DEDUPLICATE_CHUNKS));
        credentials = config.credentials();
        tls = Tls.context(config);
        group = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("forward-source", true),
            NioIoHandler.newFactory());
        loop = group.next();
    }

    /** Listens on every port of this task; throws when one of them stays taken. */
    void start() {
        String address = config.getString(ForwardSourceConfig.LISTEN_ADDRESS);
        for (int port : Ports.parse(config.getString(ForwardSourceConfig.LISTEN_PORTS))) {
            Channel listener = bind(new InetSocketAddress(address, port));
            listeners.add(listener);
            if (config.getBoolean(ForwardSourceConfig.HEARTBEAT_UDP)) {
                listeners.add(bindUdp((InetSocketAddress) listener.localAddress()));
            }
            LOG.info("Listening for the forward protocol on {}{}", listener.localAddress(), tls == null ? "" : " with TLS");
        }
        loop.scheduleAtFixedRate(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    List<Integer> ports() {
        return listeners.stream().filter(NioServerSocketChannel.class::isInstance)
            .map(listener -> ((InetSocketAddress) listener.localAddress()).getPort()).toList();
    }

    /** From any thread: the chunk is settled, which its connection learns in the event loop. */
    void end(Connection connection, Chunk chunk, Refusal refusal) {
        ended.add(new Ended(connection, chunk, refusal));
        if (draining.compareAndSet(false, true) && !loop.isShuttingDown()) {
            loop.execute(this::drain);
        }
    }

    void deliver(List<Chunk> chunks) {
        queue.add(chunks);
    }

    void publishGauges() {
        metrics.connections.set(connections.size());
        metrics.bytesWaiting.set(budget.used());
        metrics.connectionsPaused.set(budget.waiting());
    }

    /** Sends what is already committed its acknowledgement, and nothing else; the ports are free when it returns. */
    @Override
    public void close() {
        try {
            if (!loop.submit(this::closeChannels).await(CLOSE_MILLIS)) {
                LOG.warn("The connections did not close within {} ms", CLOSE_MILLIS);
            }
            if (!group.shutdownGracefully(0, CLOSE_MILLIS, TimeUnit.MILLISECONDS).await(CLOSE_MILLIS)) {
                LOG.warn("The event loop did not end within {} ms", CLOSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeChannels() {
        listeners.forEach(Channel::close);
        List.copyOf(connections).forEach(Connection::close);
        publishGauges();
    }

    private void drain() {
        draining.set(false);
        Set<Connection> written = new HashSet<>();
        for (Ended end = ended.poll(); end != null; end = ended.poll()) {
            settle(end, written);
        }
        publishGauges();
        written.forEach(Connection::flush);
    }

    private void settle(Ended end, Set<Connection> written) {
        Chunk chunk = end.chunk;
        Waiter origin = new Waiter(end.connection, chunk.acknowledgement);
        end.connection.chunkEnded();
        if (end.refusal == null) {
            List<Waiter> repeated = window.commit(chunk.id);
            if (chunk.acknowledgement != null) {
                metrics.ackLatency.record(System.nanoTime() - chunk.receivedNanos);
                acknowledge(origin, written);
                repeated.forEach(waiter -> acknowledge(waiter, written));
            }
        } else {
            List<Waiter> repeated = window.forget(chunk.id);
            origin.connection.refuse(end.refusal);
            repeated.forEach(waiter -> waiter.connection.refuse(end.refusal));
        }
        budget.chunkEnded(chunk.bytes);
    }

    private static void acknowledge(Waiter waiter, Set<Connection> written) {
        waiter.connection.acknowledge(waiter.acknowledgement);
        written.add(waiter.connection);
    }

    private void tick() {
        long now = System.nanoTime();
        List.copyOf(connections).forEach(connection -> connection.tick(now));
        publishGauges();
    }

    private Channel bind(InetSocketAddress address) {
        ServerBootstrap bootstrap = new ServerBootstrap().group(group).channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            // Each read is asked for: see Budget.
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.RECVBUF_ALLOCATOR, new AdaptiveRecvByteBufAllocator().maxMessagesPerRead(1))
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(new ChannelInitializer<SocketChannel>() {
                @Override
                protected void initChannel(SocketChannel channel) {
                    if (tls != null) {
                        channel.pipeline().addLast(tlsHandler(channel));
                    }
                    channel.pipeline().addLast(new Connection(ForwardServer.this, channel));
                }
            });
        return listener(address, () -> bootstrap.bind(address));
    }

    private SslHandler tlsHandler(SocketChannel channel) {
        SslHandler handler = tls.newHandler(channel.alloc());
        handler.setHandshakeTimeoutMillis(config.getLong(ForwardSourceConfig.HANDSHAKE_TIMEOUT_MS));
        return handler;
    }

    private Channel bindUdp(InetSocketAddress address) {
        Bootstrap bootstrap = new Bootstrap().group(group).channel(NioDatagramChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .handler(new UdpHeartbeat(metrics));
        return listener(address, () -> bootstrap.bind(address));
    }

    /** Tries again for a while: an earlier run of the task, given up by the worker, may still be closing the port. */
    private static Channel listener(InetSocketAddress address, Supplier<ChannelFuture> bind) {
        long deadline = System.nanoTime() + BIND_NANOS;
        ChannelFuture bound = bind.get();
        while (!bound.awaitUninterruptibly().isSuccess()) {
            if (System.nanoTime() > deadline) {
                throw new ConnectException("Cannot listen on " + address + ": " + bound.cause().getMessage()
                    + ". Another process or another task of this worker has the port; choose another with "
                    + ForwardSourceConfig.LISTEN_PORTS, bound.cause());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS));
            bound = bind.get();
        }
        return bound.channel();
    }
}
