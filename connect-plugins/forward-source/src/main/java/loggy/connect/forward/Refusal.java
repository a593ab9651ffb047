// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

/** A message or a connection that is refused, and why; it closes that connection and nothing else. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The reasons that are counted apart, each under its metric's name. */
    enum Reason {
        MALFORMED("RejectedMalformed"),
        TOO_LARGE("RejectedTooLarge"),
        TOO_DEEP("RejectedTooDeep"),
        UNAUTHENTICATED("RejectedUnauthenticated"),
        TLS("RejectedTls"),
        TIMEOUT("RejectedTimeout"),
        TOO_MANY_CONNECTIONS("RejectedTooManyConnections");

        final String metric;

        Reason(String metric) {
            this.metric = metric;
        }
    }

    final Reason reason;

    Refusal(Reason reason, String message) {
        // No stack trace: hostile input must stay cheap.
        super(message, null, false, false);
        this.reason = reason;
    }

    static Refusal malformed(String message) {
        return new Refusal(Reason.MALFORMED, message);
    }
}
