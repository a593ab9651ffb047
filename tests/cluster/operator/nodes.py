# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: the nodes of a `Kafka`, which its pools ask for, and their volumes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.cluster.operator.api import Object
from tests.cluster.operator.objects import LABEL, Component

_DATA = "/var/lib/kafka"


@dataclass(frozen=True)
class Node:
    pool: Object
    number: int
    cluster: str

    @property
    def pod(self) -> str:
        return f"{self.cluster}-{self.pool['metadata']['name']}-{self.number}"

    @property
    def roles(self) -> list[str]:
        return list(self.pool["spec"]["roles"])

    @property
    def is_broker(self) -> bool:
        return "broker" in self.roles

    @property
    def volumes(self) -> list[Object]:
        """As if all storage was of several disks: each with ``name`` and ``path``."""
        storage = self.pool["spec"]["storage"]
        if storage["type"] != "jbod":
            return [{**storage, "name": "data", "path": f"{_DATA}/data"}]
        return [
            {**disk, "name": f"data-{disk['id']}", "path": f"{_DATA}/data-{disk['id']}"} for disk in storage["volumes"]
        ]

    @property
    def log_dirs(self) -> list[str]:
        return [f"{disk['path']}/kafka-log{self.number}" for disk in self.volumes]


def nodes(kafka: Object, pools: Sequence[Object]) -> list[Node]:
    """Numbers that a pool has had it keeps, from the lowest; new ones are the lowest free ones."""
    kept = {}
    for pool in pools:
        had = sorted((pool.get("status") or {}).get("nodeIds") or [])
        kept[pool["metadata"]["name"]] = had[: pool["spec"]["replicas"]]
    used = {number for numbers in kept.values() for number in numbers}
    free = (number for number in range(10_000) if number not in used)
    found = []
    for pool in pools:
        numbers = kept[pool["metadata"]["name"]]
        numbers = [*numbers, *(next(free) for _ in range(pool["spec"]["replicas"] - len(numbers)))]
        found += [Node(pool, number, kafka["metadata"]["name"]) for number in numbers]
    return found


def claims(component: Component, node: Node) -> list[Object]:
    """What is to stay when the cluster goes is owned by nobody."""
    return [
        component.object(
            "PersistentVolumeClaim",
            f"{disk['name']}-{node.pod}",
            annotations={f"{LABEL}delete-claim": str(disk.get("deleteClaim", False)).lower()},
            owned=bool(disk.get("deleteClaim")),
            spec={
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": disk["size"]}},
                **({"storageClassName": disk["class"]} if disk.get("class") else {}),
            },
        )
        for disk in node.volumes
        if disk["type"] == "persistent-claim"
    ]
