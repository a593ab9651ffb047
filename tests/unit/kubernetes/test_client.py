# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What only a fake API server can be brought to say. All else of the client is in tests/contract/kubernetes."""

from __future__ import annotations

from contextlib import closing

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import ApiError
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes import client
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes.client import cluster

from tests.unit.fakes.api_server import ApiServer
from tests.unit.kubernetes.fake_objects import NAMESPACE


def test_a_server_that_is_busy_is_asked_again(fake: ApiServer) -> None:
    fake.busy = 2
    with closing(cluster(fake.connection)) as to:
        assert to.list("kafka.strimzi.io/v1", "Kafka", NAMESPACE) == []
    assert len(fake.asked) == 4


def test_one_that_stays_busy_is_said_to_be(fake: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_BUSY_SECONDS", 0)
    fake.busy = 100
    with closing(cluster(fake.connection)) as to, pytest.raises(ApiError, match=r"storage is \(re\)initializing"):
        to.list("v1", "Pod", NAMESPACE)
    # Looked at once, and once more for its own words.
    assert fake.asked == ["GET /api/v1"] * 2
