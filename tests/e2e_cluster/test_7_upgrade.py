# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An upgrade of Strimzi that would drop a version in which objects are still stored is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.cluster import node
from tests.e2e_cluster.objects import all_objects, generations, kubectl
from tests.pipeline import Pipeline

pytestmark = pytest.mark.e2e

DEFINITION = "kafkas.kafka.strimzi.io"


def store(*versions: str) -> None:
    told = json.dumps({"status": {"storedVersions": versions}})
    node.kubectl("patch", "crd", DEFINITION, "--subresource=status", "--type=merge", "-p", told)


@pytest.fixture
def stored_as_before(built: Pipeline) -> Iterator[None]:
    """As 0.49 to 0.51 leave a cluster whose objects nobody has converted."""
    store("v1beta2", "v1")
    yield
    store("v1")


def test_an_upgrade_that_drops_a_version_still_stored_is_refused_and_changes_nothing(
    built: Pipeline, stored_as_before: None
) -> None:
    before = all_objects(), generations("loggy"), kubectl("get", "crd", DEFINITION)
    for arguments in (["--check"], []):
        run = built.playbook("site", *arguments).expect_failure()
        assert f"drops versions that objects on the cluster are still stored in: {DEFINITION} v1beta2." in run.error
        assert "Go to a Strimzi that serves both versions first (0.49 to 0.51)" in run.words
        assert run.changed == 0
    assert (all_objects(), generations("loggy"), kubectl("get", "crd", DEFINITION)) == before


def test_once_nothing_is_stored_in_it_the_upgrade_goes_on(built: Pipeline) -> None:
    assert built.playbook("site").expect_success().changed == 0
