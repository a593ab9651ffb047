# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays the part of a collector's operator: says of each object what it thinks of it, and makes nothing of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.loggy.pipeline.plugins.module_utils.errors import PipelineError
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes.client import Cluster, Object, cluster

from tests.cluster import node

_SECONDS = 0.2
# A condition keeps its time for as long as it says the same, and these say the same for the length of a test.
_SINCE = "2026-01-01T00:00:00Z"
Answer = Callable[[Mapping[str, Any], str], Object]


@dataclass
class Operator:
    """While the block runs, it looks at each object of its kinds once in each generation.

    :param refuses: why nothing with our names is any good; empty when all is.
    """

    api_version: str
    kinds: Sequence[str]
    answer: Answer
    refuses: str = ""
    _seen: dict[str, int] = field(default_factory=dict)
    _ended: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Operator:
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        with closing(cluster({"kubeconfig": str(node.kubeconfig())})) as to:
            while not self._ended.wait(_SECONDS):
                for kind in self.kinds:
                    # As an operator does, it looks again later.
                    with suppress(PipelineError):
                        self._look(to, kind)

    def _look(self, to: Cluster, kind: str) -> None:
        for one in to.list(self.api_version, kind, None):
            about = one["metadata"]
            if self._seen.get(about["uid"]) != about["generation"]:
                status = {"status": self.answer(one.get("spec") or {}, self.refuses)}
                to.patch(self.api_version, kind, about.get("namespace"), f"{about['name']}/status", status)
                self._seen[about["uid"]] = about["generation"]


def logging_operator(_spec: Mapping[str, Any], refuses: str) -> Object:
    problems = [refuses] if refuses else []
    return {"active": not refuses, "problems": problems, "problemsCount": len(problems)}


def fluent_operator(_spec: Mapping[str, Any], refuses: str) -> Object:
    return {"state": "invalid" if refuses else "valid", "messages": refuses}


def logging_6(spec: Mapping[str, Any], refuses: str) -> Object:
    """It refuses an output with a Secret, which is where it looks for one."""
    group = "observability.openshift.io"
    bad = {one["name"] for one in spec.get("outputs", ()) if refuses and "secretName" in str(one)}
    items = {
        f"{kind}Conditions": [
            _condition(f"{group}/Valid{kind.capitalize()}-{one['name']}", kind != "output" or one["name"] not in bad)
            | ({"message": refuses} if kind == "output" and one["name"] in bad else {})
            for one in spec.get(f"{kind}s", ())
        ]
        for kind in ("input", "output", "pipeline")
    }
    top = [_condition(f"{group}/Authorized", True), _condition(f"{group}/Valid", not bad), _condition("Ready", not bad)]
    return {**items, "conditions": top}


def logging_5(spec: Mapping[str, Any], refuses: str) -> Object:
    bad = {one["name"] for one in spec.get("outputs", ()) if refuses and "secret" in one}
    items = {
        kind: {
            one["name"]: [_condition("Ready", kind != "outputs" or one["name"] not in bad) | {"message": refuses}]
            for one in spec.get(kind, ())
        }
        for kind in ("inputs", "outputs", "pipelines")
    }
    return {**items, "conditions": [_condition("Ready", not bad)]}


def _condition(kind: str, is_good: bool) -> Object:
    reason = "ValidationSuccess" if is_good else "ValidationFailure"
    return {"type": kind, "status": str(is_good), "reason": reason, "message": "", "lastTransitionTime": _SINCE}
