"""Which row of the table a server is."""

from __future__ import annotations

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.elasticsearch.dialect import (
    Release,
    dialect_of,
    release_from_nodes,
    release_from_root,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput


@pytest.mark.parametrize(
    ("distribution", "version", "hides_indices"),
    [
        ("elasticsearch", "6.8.0", False),
        ("elasticsearch", "6.8.23", False),
        ("elasticsearch", "7.6.2", False),
        ("elasticsearch", "7.7.0", True),
        ("elasticsearch", "7.17.29", True),
        ("elasticsearch", "8.19.21", True),
        ("elasticsearch", "9.5.3", True),
        ("elasticsearch", "10.0.0-SNAPSHOT", True),
        ("opensearch", "1.0.0", True),
        ("opensearch", "3.6.0", True),
    ],
)
def test_a_server_is_the_newest_row_that_is_not_newer(distribution: str, version: str, hides_indices: bool) -> None:
    row = dialect_of(Release(distribution, version))
    assert (row.distribution, row.hides_indices) == (distribution, hides_indices)


def test_a_server_older_than_the_table_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"elasticsearch 6\.7\.2, older than 6\.8, the oldest that is supported"):
        dialect_of(Release("elasticsearch", "6.7.2"))


def test_the_root_tells_the_distribution_of_opensearch_only() -> None:
    assert release_from_root({"version": {"number": "8.19.21"}}) == Release("elasticsearch", "8.19.21")
    assert (
        release_from_root({"version": {"number": "3.6.0", "distribution": "opensearch"}}).distribution == "opensearch"
    )


def test_nodes_without_a_build_flavour_are_opensearch() -> None:
    assert release_from_nodes({"nodes": {"a": {"version": "2.19.6"}}}) == Release("opensearch", "2.19.6")


def test_a_cluster_under_a_rolling_upgrade_is_as_old_as_its_oldest_node() -> None:
    nodes = {
        "a": {"version": "8.19.21", "build_flavor": "default"},
        "b": {"version": "7.9.3", "build_flavor": "default"},
    }
    assert release_from_nodes({"nodes": nodes}) == Release("elasticsearch", "7.9.3")
