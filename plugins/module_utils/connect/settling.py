# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells when connectors have come to rest after a change, from what others see; it asks and waits for nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from ..errors import NotReady
from .health import failure, is_as_wanted, summary
from .model import Connector
from .plan import Change, Desired

# How long a state from before a change may still be reported after it. Connect's status has no generation, and a worker
# restarts a connector and its tasks some 50 ms after it has answered, a group of them after its rebalance.
SETTLING_SECONDS = 1.0

# A worker that died can't report that the tasks of a deleted connector have ended.
DELETION_SECONDS = 10.0


class Settling:
    """:param changes: what was sent just now. States from before it are not trusted until they had time to change."""

    def __init__(
        self, desired: Sequence[Desired], changes: Sequence[Change], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._pending = {one.name: one for one in desired}
        self._changes = {change.name: change for change in changes}
        self._moved: set[str] = set()
        self._clock = clock
        self._start = clock()

    def look(self, actual: Mapping[str, Connector], has_status: Callable[[str], bool]) -> str:
        """What is still missing, in words; "" when nothing is.

        :param has_status: whether a worker still reports on a connector that is no longer listed.
        :raises NotReady: when one has failed.
        """
        for name, desired in list(self._pending.items()):
            connector = actual.get(name)
            if connector is not None and self._is_fresh(connector):
                is_done = is_as_wanted(connector, desired.state)
            else:
                is_done = connector is None and desired.state == "absent" and self._has_ended(name, has_status)
            if is_done:
                del self._pending[name]
        self._check_failures([actual[name] for name in sorted(self._pending) if name in actual])
        return "; ".join(f"{name}: {self._seen(name, actual.get(name))}" for name in sorted(self._pending))

    def _check_failures(self, connectors: Sequence[Connector]) -> None:
        failed = [
            one
            for one in connectors
            if one.has_failed and self._pending[one.name].state in ("running", "paused") and self._is_fresh(one)
        ]
        if failed:
            raise NotReady(
                "\n".join(f"connector {one.name}: {failure(one)}" for one in failed),
                advice="\nThe worker's log has the whole trace; so has GET /connectors/<name>/status.",
            )

    def _seen(self, name: str, connector: Connector | None) -> str:
        if self._pending[name].state == "absent":
            return "its tasks are still ending"
        if connector is None:
            return "no worker has taken it yet"
        is_fresh = self._is_fresh(connector)
        return summary(connector) + ("" if is_fresh else ", as before the change")

    def _has_ended(self, name: str, has_status: Callable[[str], bool]) -> bool:
        return name not in self._changes or self._age() > DELETION_SECONDS or not has_status(name)

    def _is_fresh(self, connector: Connector) -> bool:
        change = self._changes.get(connector.name)
        if change is None or change.actual is None:
            return True
        if (connector.state, connector.tasks) != (change.actual.state, change.actual.tasks):
            self._moved.add(connector.name)
        # A changed config restarts the tasks without a trace in their states.
        is_proven_by_moving = "config" not in change.kinds and connector.name in self._moved
        return is_proven_by_moving or self._age() >= SETTLING_SECONDS

    def _age(self) -> float:
        return self._clock() - self._start
