// SPDX-License-Identifier: Apache-2.0
package loggy.connect.elasticsearch;

import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** LOGGY_ELASTICSEARCH_URL names an Elasticsearch or OpenSearch; for Elasticsearch 6 LOGGY_ELASTICSEARCH_TYPE is _doc. */
@EnabledIfEnvironmentVariable(named = "LOGGY_ELASTICSEARCH_URL", matches = "http.*")
class RealElasticsearchTest extends IndexContract {
    @Override
    String url() {
        return System.getenv("LOGGY_ELASTICSEARCH_URL");
    }

    @Override
    String type() {
        return System.getenv().getOrDefault("LOGGY_ELASTICSEARCH_TYPE", "");
    }
}
