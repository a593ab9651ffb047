// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import java.io.IOException;

class FakeElasticsearchTest extends IndexContract {
    private final FakeElasticsearch fake = new FakeElasticsearch();

    FakeElasticsearchTest() throws IOException {
    }

    @Override
    String url() {
        return fake.url();
    }

    @Override
    void stop() {
        fake.close();
    }
}
