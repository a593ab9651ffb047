// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.util.ArrayList;
import java.util.List;

/** Port lists as {@code 24224-24227,24300}, and how tasks share them. */
final class Ports {
    private Ports() { }

    /** Throws {@link IllegalArgumentException} with what is wrong. Port 0 lets the system choose. */
    static List<Integer> parse(String list) {
        List<Integer> ports = new ArrayList<>();
        for (String item : list.split(",", -1)) {
            String[] range = item.strip().split("-", -1);
            int first = port(range[0]);
            int last = range.length == 2 ? port(range[1]) : first;
            if (range.length > 2 || last < first) {
                throw new IllegalArgumentException("'" + item.strip() + "' is no port and no range FIRST-LAST");
            }
            for (int port = first; port <= last; port++) {
                if (port != 0 && ports.contains(port)) {
                    throw new IllegalArgumentException("port " + port + " is given twice");
                }
                ports.add(port);
            }
        }
        return ports;
    }

    /** The ports of each task, as even as can be; at most as many tasks as ports. */
    static List<String> shares(List<Integer> ports, int tasks) {
        int count = Math.min(tasks, ports.size());
        List<String> shares = new ArrayList<>();
        for (int task = 0; task < count; task++) {
            List<String> share = new ArrayList<>();
            for (int i = task; i < ports.size(); i += count) {
                share.add(String.valueOf(ports.get(i)));
            }
            shares.add(String.join(",", share));
        }
        return shares;
    }

    private static int port(String text) {
        try {
            int port = Integer.parseInt(text.strip());
            if (port >= 0 && port <= 65535) {
                return port;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is no port", e);
        }
        throw new IllegalArgumentException("port " + text + " is not between 0 and 65535");
    }
}
