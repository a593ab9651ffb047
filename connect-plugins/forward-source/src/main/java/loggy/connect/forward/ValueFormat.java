// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.io.IOException;
import org.msgpack.core.MessageUnpacker;

/** What a record becomes in Connect: JSON bytes, or maps and lists. */
interface ValueFormat {
    Object read(MessageUnpacker in) throws IOException;
}
