"""Runs fluentd_configmap on a cluster in memory, on a clock that does not wait."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.fluentd import configmap, dry_run, rollout
from ansible_collections.loggy.pipeline.plugins.module_utils.wait import wait_until

from tests.unit.fluentd.fake_cluster import NAME, FakeCluster
from tests.unit.run_operation import run_operation

APPS, OPS = "output-extra-kafka.conf", "output-ops-extra-kafka.conf"
STORE = "<store>\n  @type forward\n  shared_key hush-hush\n</store>\n"
FOUND = {"fluent.conf": "@include configs.d/*", OPS: "<store>\n  @type file\n</store>", "throttle": "a: b\r\n"}
KINDS = [
    ("DaemonSet", "RollingUpdate"),
    ("DaemonSet", "OnDelete"),
    ("StatefulSet", "RollingUpdate"),
    ("Deployment", "RollingUpdate"),
]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def ensure(
    cluster: FakeCluster, *stores: str, check_mode: bool = False, kind: str = "", **params: Any
) -> dict[str, Any]:
    """:param stores: for APPS and OPS; :param kind: of the workload, where the cluster has none."""
    files = [{"key": key, "store": text} for key, text in zip((APPS, OPS), stores or (STORE, STORE), strict=False)]
    workload = {"kind": kind or cluster.workload["kind"], "name": NAME}
    given = {"namespace": "logging", "name": NAME, "workload": workload, "files": files, **params}
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(configmap, "cluster", lambda params: cluster)
        patch.setattr(rollout, "monotonic", clock)
        for file in (rollout, dry_run):
            patch.setattr(file, "wait_until", partial(wait_until, clock=clock, sleep=clock.sleep))
        return run_operation(configmap.OPERATION, check_mode=check_mode, **given)
