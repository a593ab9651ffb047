# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What pods log to their standard output, as the cluster's nodes keep it: the application's own, or an aggregator's.

A node hands out lines from a whole second on, so that the last second's are read again and passed over.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ...errors import NotFound, PipelineError
from ...kubernetes.pod_logs import PodLogs
from ...kubernetes.pods import Container, containers, name_of, trouble
from ...log.event import LOGGY, read_time
from ..account import Account
from ..recognise import Recogniser
from .stop import POLL_SECONDS, Health, first_line, now_us

# What an event's own run id tells apart anyway; the nodes' clocks may be behind this host's.
_MARGIN_SECONDS = 60
_SECOND = len("2026-11-26T07:00:00")


@dataclass
class _Cursor:
    """:param second: of the newest line; :param lines: hashes of those read from then on, to know them again."""

    since: str
    second: bytes = b""
    lines: set[int] = field(default_factory=set)

    def is_new(self, line: bytes) -> bool:
        key = hash(line)
        if key in self.lines:
            return False
        if line[:_SECOND] > self.second:
            self.second = line[:_SECOND]
            self.since = f"{self.second.decode('ascii', 'replace')}Z"
            self.lines = set()
        self.lines.add(key)
        return True


class PodLogStop:
    ordered = True

    def __init__(self, logs: PodLogs, run: str, *, since_ms: int | None = None) -> None:
        """:param since_ms: milliseconds since 1970 from which on lines matter; None: from now on."""
        self._logs = logs
        self._recogniser = Recogniser(run)
        self._since_ms = since_ms
        self._since = ""
        self._cursors: dict[Container, _Cursor] = {}
        self._ended: set[Container] = set()
        self._gaps = 0

    def start(self) -> None:
        self._logs.list_pods()
        seconds = (self._since_ms / 1000 if self._since_ms is not None else time.time()) - _MARGIN_SECONDS
        self._since = f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%dT%H:%M:%SZ}"

    def poll(self, account: Account, *, last: bool = False) -> None:
        end = time.monotonic() + POLL_SECONDS
        for pod in self._logs.list_pods():
            for container in containers(pod):
                life = container._replace(state="")
                if container.state == "waiting" or life in self._ended or time.monotonic() > end:
                    continue
                self._read(life, account)
                if container.state == "terminated":
                    self._ended.add(life)

    def health(self) -> Health:
        try:
            return self._health(self._logs.list_pods())
        except PipelineError as error:
            return Health(first_line(error), "Make the API server reachable, or allow the account to list pods.")

    def _health(self, pods: Sequence[Mapping[str, Any]]) -> Health:
        what = f"pods {self._logs.selector} in namespace {self._logs.namespace}"
        if not pods:
            return Health(f"there are no {what}", f"Look why there are no {what}: kubectl get events says so.")
        for pod in pods:
            if said := trouble(pod):
                return Health(f"pod {name_of(pod)}: {said}", f"Mend what pod {name_of(pod)} says: {said}.")
        phases = ", ".join(sorted({pod.get("status", {}).get("phase", "Unknown") for pod in pods}))
        if self._gaps:
            return Health(
                f"{len(pods)} {what}: {phases}; {self._gaps} times the node had begun a new file before all was read",
                "Send fewer neighbours, or let the kubelet keep larger files (containerLogMaxSize).",
            )
        return Health(f"{len(pods)} {what}: {phases}")

    def close(self) -> None:
        pass

    def _read(self, life: Container, account: Account) -> None:
        cursor = self._cursors.setdefault(life, _Cursor(self._since))
        known, again = bool(cursor.lines), False
        try:
            for line in self._logs.read_lines(life, cursor.since):
                if not line:
                    continue
                if cursor.is_new(line):
                    self._see(life, line, account)
                else:
                    again = True
        except NotFound:
            # The pod went between the list and this.
            return
        if known and not again:
            self._gaps += 1

    def _see(self, life: Container, line: bytes, account: Account) -> None:
        if not self._recogniser.is_in(line):
            return
        time_text, _blank, text = line.partition(b" ")
        sighting = self._recogniser.look(text)
        if sighting is None:
            return
        seconds = read_time(time_text.decode("ascii", "replace"))
        at = now_us() if seconds is None else round(seconds * 1_000_000)
        account.clock = "node"
        if not account.starts.knows(sighting.seq):
            account.starts.note(sighting.seq, sighting.sent_us())
        if account.see(sighting.seq, at, (life, sighting.producer)) and sighting.seq == LOGGY:
            where = {"namespace": self._logs.namespace, "pod": life.pod, "container": life.name}
            account.see_loggy(f"{self._logs.namespace}/{life.pod}", where)
