# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a cluster's release and health, and waits for a health. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..errors import ApiError, Unauthorized, UnexpectedAnswer, Unreachable
from ..wait import wait_until
from .client import Elasticsearch
from .dialect import Release, release_from_nodes, release_from_root

STATUSES = ("red", "yellow", "green")


@dataclass(frozen=True)
class Health:
    """:param unassigned_shards: copies of shards that no node holds."""

    cluster: str
    status: str
    nodes: int
    unassigned_shards: int


def get_release(server: Elasticsearch) -> Release:
    try:
        return release_from_root(server.get("/"))
    except (ApiError, UnexpectedAnswer, KeyError, TypeError) as error:
        if isinstance(error, Unauthorized):
            raise
    # A server that was built without the module that serves "/" answers 405 there.
    nodes = server.get("/_nodes/_all/none", filter_path="nodes.*.version,nodes.*.build_flavor")
    try:
        return release_from_nodes(nodes)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise UnexpectedAnswer(
            "The server answered JSON, but tells no version at / and /_nodes.",
            advice="Is this the URL of an Elasticsearch?",
        ) from error


def get_health(server: Elasticsearch) -> Health:
    answer = server.get("/_cluster/health")
    try:
        return Health(answer["cluster_name"], answer["status"], answer["number_of_nodes"], answer["unassigned_shards"])
    except (KeyError, TypeError) as error:
        raise UnexpectedAnswer(
            f"GET /_cluster/health was answered with JSON that is no health: {str(answer)[:200]}",
            advice="Is this the URL of an Elasticsearch?",
        ) from error


def wait_for_status(
    server: Elasticsearch, status: str, timeout: float, progress: Callable[[str], None] | None = None
) -> Health:
    """Waits until the cluster's status is at least this one; a server that does not answer yet is waited for, too.

    :raises NotReady: at the timeout, with the last state seen.
    :raises Unauthorized: at once, since waiting does not help.
    """

    def look() -> tuple[Health | None, str]:
        try:
            health = get_health(server)
        except Unauthorized:
            raise
        except (Unreachable, ApiError) as error:
            # Without its advice: this message has its own.
            return None, str(error).split(". ", maxsplit=1)[0]
        if STATUSES.index(health.status) >= STATUSES.index(status):
            return health, ""
        return None, f"{health.status}, {health.nodes} nodes, {health.unassigned_shards} unassigned shards"

    return wait_until(
        look,
        what=f"the Elasticsearch cluster to be {status}",
        timeout=timeout,
        advice="Look at its log, and at GET /_cluster/allocation/explain for shards that are not assigned.",
        progress=progress,
    )
