# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries out planned changes and waits until Connect has done its part. Plans nothing and hides nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence

from ..errors import ApiError, InvalidInput, NotFound, NotReady, Unreachable
from ..wait import wait_until
from .client import ConnectClient, is_passing
from .health import SETTLING_SECONDS, failure, is_as_wanted, summary
from .model import Connector
from .plan import Change, Desired

# A worker that died can't report that the tasks of a deleted connector have ended.
_DELETION_SECONDS = 10.0
_REBALANCE_ADVICE = "See the worker's log. A worker that left holds its tasks for scheduled.rebalance.max.delay.ms, 5 minutes by default."


def change_connector(
    client: ConnectClient, change: Change, version: tuple[int, ...], timeout: float
) -> tuple[str, ...]:
    """Sends what the change takes, in an order in which no configuration runs that should not.

    :param timeout: seconds for which a rebalance is waited out, at each request.
    :returns: what was done, in the change's words.
    """

    def send(request: Callable[[], None]) -> None:
        _patiently(request, change.name, timeout)

    desired, kinds = change.desired, change.kinds
    if kinds == ("deleted",):
        return kinds if _delete(client, change.name, timeout) else ()
    if "created" in kinds:
        _create(client, desired, version, send)
        return kinds
    pausing = "state" in kinds and desired.state != "running"
    if pausing:
        send(lambda: client.put_state(desired.name, desired.state))
    if "config" in kinds and desired.config is not None:
        config = desired.config
        send(lambda: client.put_config(desired.name, config))
    if "state" in kinds and not pausing:
        send(lambda: client.put_state(desired.name, "running"))
    if "restarted" in kinds:
        send(lambda: client.restart_failed(desired.name))
    return kinds


def _create(
    client: ConnectClient, desired: Desired, version: tuple[int, ...], send: Callable[[Callable[[], None]], None]
) -> None:
    name, config = desired.name, desired.config or {}
    if desired.state == "running":
        send(lambda: client.put_config(name, config))
    elif version >= (3, 7):
        send(lambda: client.create_connector(name, config, desired.state))
    else:
        send(lambda: client.put_config(name, config))
        send(lambda: client.put_state(name, desired.state))


def _delete(client: ConnectClient, name: str, timeout: float) -> bool:
    """Whether it was there to delete."""
    try:
        _patiently(lambda: client.delete_connector(name), name, timeout)
    except NotFound:
        return False
    except ApiError as error:
        # Through a follower, the leader's "not found" comes back as 500.
        if error.status != 500 or name in client.list_names():
            raise
        return False
    return True


def _patiently(request: Callable[[], None], name: str, timeout: float) -> None:
    def look() -> tuple[bool | None, str]:
        try:
            request()
        except ApiError as error:
            if not is_passing(error):
                raise
            return None, error.excerpt
        return True, ""

    wait_until(look, what=f"the workers to take a change of {name}", timeout=timeout, advice=_REBALANCE_ADVICE)


def check_versions(desired: Collection[Desired], version: tuple[int, ...]) -> None:
    stopped = sorted(one.name for one in desired if one.state == "stopped")
    if stopped and version < (3, 5):
        raise InvalidInput(
            f"state stopped of {', '.join(stopped)} needs Kafka 3.5 or newer (KIP-875); the worker runs "
            f"{'.'.join(map(str, version))}.",
            advice="Use state paused, or upgrade the workers.",
        )


class Settling:
    """Tells when each connector has its state, or that it can't get there any more.

    :param changes: what was sent just now; states from before it are not trusted until they had time to change.
    """

    def __init__(
        self, desired: Sequence[Desired], changes: Sequence[Change], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._pending = {one.name: one for one in desired}
        self._changes = {change.name: change for change in changes}
        self._moved: set[str] = set()
        self._clock = clock
        self._start = clock()

    def look(self, actual: Mapping[str, Connector], gone: Callable[[str], bool]) -> str:
        """What is still missing, in words; "" when nothing is.

        :param gone: whether no task of a deleted connector is left.
        :raises NotReady: when one has failed.
        """
        for name, desired in list(self._pending.items()):
            if desired.state == "absent":
                is_done = name not in actual and (gone(name) or self._age() > _DELETION_SECONDS)
            else:
                is_done = name in actual and self._is_done(desired, actual[name])
            if is_done:
                del self._pending[name]
        self._fail(actual)
        return "; ".join(f"{name}: {self._seen(name, actual.get(name))}" for name in sorted(self._pending))

    def _seen(self, name: str, connector: Connector | None) -> str:
        if self._pending[name].state == "absent":
            return "tasks are still ending"
        return summary(connector) if connector else "no worker has taken it yet"

    def _is_done(self, desired: Desired, connector: Connector) -> bool:
        return self._is_fresh(connector) and is_as_wanted(connector, desired.state)

    def _fail(self, actual: Mapping[str, Connector]) -> None:
        failed = [
            actual[name]
            for name in sorted(self._pending)
            if name in actual
            and self._pending[name].state != "stopped"
            and actual[name].has_failed
            and self._is_fresh(actual[name])
        ]
        if failed:
            raise NotReady(
                "\n".join(f"connector {one.name}: {failure(one)}" for one in failed),
                advice="\nThe worker's log has the whole trace; so has GET /connectors/<name>/status.",
            )

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


def wait_for_states(
    client: ConnectClient,
    settling: Settling,
    timeout: float,
    progress: Callable[[str], None] | None = None,
) -> dict[str, Connector]:
    """:returns: the connectors as they were seen last."""

    def look() -> tuple[dict[str, Connector] | None, str]:
        try:
            actual = client.list_connectors()
            missing = settling.look(actual, lambda name: not client.has_status(name))
        except Unreachable as error:
            return None, str(error)
        return (None, missing) if missing else (actual, "")

    return wait_until(
        look, what="the connectors", timeout=timeout, longest_interval=0.5, advice=_REBALANCE_ADVICE, progress=progress
    )
