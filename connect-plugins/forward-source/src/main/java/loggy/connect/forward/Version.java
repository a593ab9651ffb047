// SPDX-License-Identifier: Apache-2.0
package loggy.connect.forward;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version that the build wrote beside the classes. */
final class Version {
    private Version() { }

    static String of(Class<?> type) {
        try (InputStream in = type.getResourceAsStream("version.properties")) {
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read version.properties beside " + type, e);
        }
    }
}
