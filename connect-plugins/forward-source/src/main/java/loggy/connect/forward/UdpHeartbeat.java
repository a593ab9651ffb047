// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers a UDP heartbeat with its one zero byte, never more than was sent. */
final class UdpHeartbeat extends SimpleChannelInboundHandler<DatagramPacket> {
    private static final Logger LOG = LoggerFactory.getLogger(UdpHeartbeat.class);
    private static final byte[] ANSWER = {0};

    private final Metrics metrics;

    UdpHeartbeat(Metrics metrics) {
        this.metrics = metrics;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
        if (packet.content().isReadable()) {
            metrics.heartbeats.increment();
            context.writeAndFlush(new DatagramPacket(Unpooled.wrappedBuffer(ANSWER), packet.sender()), context.voidPromise());
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // An answer that a peer does not want (ICMP unreachable) must not end the listener.
        LOG.debug("A UDP heartbeat failed", cause);
    }
}
