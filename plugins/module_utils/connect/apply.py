# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends planned changes, and waits until Connect has done its part. Plans nothing and hides nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from ..errors import ApiError, NotFound, PipelineError, Unreachable
from ..wait import wait_until
from .client import ConnectClient, is_passing
from .model import Connector
from .parallel import in_parallel
from .plan import Change, Desired
from .settling import Settling

T = TypeVar("T")

_ADVICE = (
    "See the worker's log. A worker that left holds its tasks for scheduled.rebalance.max.delay.ms "
    "(5 minutes by default)."
)


class ChangesError(PipelineError):
    """:param done: the changes that were made all the same."""

    def __init__(self, message: str, done: Sequence[Change]) -> None:
        super().__init__(message)
        self.done = done


def wait_until_ready(client: ConnectClient, timeout: float, progress: Callable[[str], None]) -> None:
    """Waits for a worker that answers that it is starting; one that doesn't answer is an error at once."""
    patiently(client.check_ready, "the worker to be ready", timeout, progress)


def apply_changes(client: ConnectClient, changes: Sequence[Change], timeout: float) -> list[Change]:
    """The changes that were made: not the deletion of a connector that was gone when its turn came.

    :param timeout: seconds for which a rebalance is waited out, at each request.
    :raises ChangesError: with the error of each that failed, after all were tried.
    """
    outcomes = in_parallel(lambda change: _apply(client, change, timeout), changes)
    pairs = list(zip(changes, outcomes, strict=True))
    errors = [(change, one) for change, one in pairs if isinstance(one, PipelineError)]
    done = [change for change, one in pairs if one is True]
    if errors:
        lines = "\n".join(f"- {change.name} ({', '.join(change.kinds)}): {error}" for change, error in errors)
        raise ChangesError(f"{len(errors)} of {len(changes)} connectors could not be changed:\n{lines}", done)
    return done


def _apply(client: ConnectClient, change: Change, timeout: float) -> bool:
    """Sends what the change takes, in an order in which no configuration runs that should not."""
    name, state, config = change.name, change.desired.state, change.desired.config or {}

    def send(request: Callable[[], None]) -> None:
        patiently(request, f"the workers to take a change of {name}", timeout)

    if "deleted" in change.kinds:
        return _delete(client, name, send)
    if "created" in change.kinds:
        _create(client, name, config, state, send)
    if "state" in change.kinds and state != "running":
        send(lambda: client.put_state(name, state))
    if "config" in change.kinds:
        send(lambda: client.put_config(name, config))
    if "state" in change.kinds and state == "running":
        send(lambda: client.put_state(name, state))
    if "restarted" in change.kinds:
        send(lambda: client.restart_failed(name))
    return True


def _create(
    client: ConnectClient, name: str, config: Mapping[str, str], state: str, send: Callable[[Callable[[], None]], None]
) -> None:
    if state == "running":
        send(lambda: client.put_config(name, config))
    elif client.get_version() >= (3, 7):
        send(lambda: client.create_connector(name, config, state))
    else:
        send(lambda: client.put_config(name, config))
        send(lambda: client.put_state(name, state))


def _delete(client: ConnectClient, name: str, send: Callable[[Callable[[], None]], None]) -> bool:
    """Whether it was there to delete."""
    try:
        send(lambda: client.delete_connector(name))
    except NotFound:
        return False
    except ApiError as error:
        # Through a follower, the leader's "not found" may come back as 500.
        if error.status != 500 or name in client.list_names():
            raise
        return False
    return True


def patiently(request: Callable[[], T], what: str, timeout: float, progress: Callable[[str], None] | None = None) -> T:
    """Sends a request again, at growing intervals, as long as the answer is one that passes by itself.

    :param what: what is waited for then.
    """

    def look() -> tuple[tuple[T] | None, str]:
        try:
            return (request(),), ""
        except ApiError as error:
            if not is_passing(error):
                raise
            return None, error.message
        except Unreachable as error:
            # A worker holds a request back during a rebalance, for up to 90 s. All of ours can be sent twice.
            if not error.is_slow:
                raise
            return None, error.message.rstrip(".")

    (answer,) = wait_until(look, what=what, timeout=timeout, advice=_ADVICE, progress=progress, quiet=1)
    return answer


def wait_for_states(
    client: ConnectClient,
    desired: Sequence[Desired],
    changes: Sequence[Change],
    actual: Mapping[str, Connector],
    *,
    timeout: float,
    progress: Callable[[str], None] | None = None,
) -> Mapping[str, Connector]:
    """The connectors, once each of ``desired``, and each that is purged, has its state.

    :param actual: as they were seen before ``changes``; without changes they may do.
    """
    listed = {one.name for one in desired}
    settling = Settling([*desired, *(one.desired for one in changes if one.name not in listed)], changes)
    if not changes and not settling.look(actual, client.has_status):
        return actual

    def look() -> tuple[Mapping[str, Connector] | None, str]:
        try:
            seen = client.list_connectors()
            missing = settling.look(seen, client.has_status)
        except Unreachable as error:
            return None, error.message.rstrip(".")
        return (None, missing) if missing else (seen, "")

    return wait_until(
        look,
        what="the connectors",
        timeout=timeout,
        longest_interval=0.5,
        advice=_ADVICE,
        progress=progress,
        quiet=1,
    )
