// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

/** A record that can never become a document, with the reason. It travels to the dead-letter topic as the error. */
final class RefusedDocument extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedDocument(String reason) {
        // No stack trace: the reason is all, and there may be very many.
        super(reason, null, false, false);
    }
}
