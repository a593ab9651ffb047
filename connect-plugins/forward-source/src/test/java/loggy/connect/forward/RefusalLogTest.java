// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RefusalLogTest {
    private final List<String> lines = new ArrayList<>();
    private final RefusalLog log = new RefusalLog(lines::add);

    @Test
    void refusalsBeyondTheLimitAreCountedInsteadOfLogged() {
        for (int i = 0; i < 1000; i++) {
            log.warn("1.2.3.4:5", "0.0.0.0:24224", Refusal.malformed("broken"), 0);
        }
        assertEquals(RefusalLog.PER_MINUTE, lines.size());
        log.warn("1.2.3.4:5", "0.0.0.0:24224", Refusal.malformed("broken"), TimeUnit.MINUTES.toNanos(1));
        assertEquals("980 more connections were refused; their warnings were left out", lines.get(RefusalLog.PER_MINUTE));
        assertEquals("Closed the connection of 1.2.3.4:5 to 0.0.0.0:24224: broken", lines.get(RefusalLog.PER_MINUTE + 1));
    }

    @Test
    void peerCannotWriteLinesOfItsOwn() {
        log.warn("1.2.3.4:5", "0.0.0.0:24224", Refusal.malformed("compression 'x\n[WARN] all is well'"), 0);
        assertFalse(lines.get(0).contains("\n"), lines.get(0));
    }
}
