# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""connect_connector_offsets: reads, alters or resets a connector's offsets; stops it for that only when told to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ..errors import InvalidInput, NotFound
from ..operation import Context, Operation, Result
from .apply import patiently, wait_for_states, wait_until_ready
from .client import ConnectClient
from .health import summary
from .model import Connector
from .offsets import Offsets, altered, differing, in_order, read_offsets
from .options import CONNECTION_RULES, CONNECTION_SPEC, connect_client
from .plan import Change, Desired

T = TypeVar("T")

ARGUMENT_SPEC: Mapping[str, Any] = {
    **CONNECTION_SPEC,
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["altered", "reset"]},
    "offsets": {
        "type": "list",
        "elements": "dict",
        "options": {"partition": {"type": "dict", "required": True}, "offset": {"type": "dict"}},
    },
    "stop": {"type": "bool", "default": False},
    "wait_timeout": {"type": "float", "default": 120},
}


def run(params: Mapping[str, Any], context: Context) -> Result:
    state, timeout = params["state"], params["wait_timeout"]
    if params["offsets"] is not None and state != "altered":
        raise InvalidInput("offsets are given without state altered.", advice="Set state: altered, or leave them out.")
    client = connect_client(params)
    wait_until_ready(client, timeout, context.progress)
    connector = _get(client, params["name"], needed=(3, 6) if state else (3, 5))
    before = in_order(client.get_offsets(connector.name))
    wanted = read_offsets(params["offsets"] or (), connector.type)
    after = {"altered": altered(before, wanted), "reset": []}.get(state, before)
    if after == before:
        return _result(connector, before, before, connector.state)
    if connector.state != "STOPPED" and not params["stop"]:
        raise InvalidInput(
            f"connector {connector.name} is {summary(connector)}; Connect changes offsets of a STOPPED one only.",
            advice="Stop it first (connect_connectors with state: stopped), or set stop: true, which also "
            "lets it go on afterwards.",
        )
    if context.check_mode:
        return _result(connector, before, after, connector.state)

    def change() -> tuple[Offsets, Offsets]:
        # While the connector was being stopped, its offsets may have moved; and they will when it goes on.
        now = client.get_offsets(connector.name)
        if state == "reset":
            client.reset_offsets(connector.name)
        elif to_send := differing(now, wanted):
            client.alter_offsets(connector.name, to_send)
        return in_order(now), in_order(client.get_offsets(connector.name))

    before, after = _while_stopped(client, connector, change, timeout, context.progress)
    return _result(connector, before, after, connector.state)


def _get(client: ConnectClient, name: str, needed: tuple[int, int]) -> Connector:
    version = client.get_version()
    if version < needed:
        raise InvalidInput(
            f"This needs Kafka {needed[0]}.{needed[1]} or newer (KIP-875); the worker runs "
            f"{'.'.join(map(str, version))}.",
            advice="Upgrade the workers.",
        )
    try:
        return client.get_connector(name)
    except NotFound as error:
        raise InvalidInput(
            f"connector {name} does not exist, and Connect shows offsets of connectors that exist only.",
            advice="Create it first, with state: stopped if it is not to run yet.",
        ) from error


def _while_stopped(
    client: ConnectClient,
    connector: Connector,
    change: Callable[[], T],
    timeout: float,
    progress: Callable[[str], None],
) -> T:
    what = f"the workers to change the offsets of {connector.name}"
    if connector.state == "STOPPED":
        return patiently(change, what, timeout)
    _move(client, connector, "stopped", timeout, progress)
    try:
        return patiently(change, what, timeout)
    finally:
        # What was neither paused nor stopped was meant to run, whatever had become of it.
        former = "paused" if connector.state == "PAUSED" else "running"
        _move(client, client.get_connector(connector.name), former, timeout, progress)


def _move(
    client: ConnectClient, connector: Connector, state: str, timeout: float, progress: Callable[[str], None]
) -> None:
    change = Change(Desired(connector.name, None, state), connector, ("state",))
    patiently(
        lambda: client.put_state(connector.name, state), f"the workers to take a change of {connector.name}", timeout
    )
    wait_for_states(client, [change.desired], [change], {}, timeout=timeout, progress=progress)


def _result(connector: Connector, before: Offsets, after: Sequence[Mapping[str, Any]], state: str) -> Result:
    return {
        "changed": before != after,
        "diff": {"before": {"offsets": before}, "after": {"offsets": after}},
        "name": connector.name,
        "state": state,
        "offsets": after,
    }


OPERATION = Operation(ARGUMENT_SPEC, run, {**CONNECTION_RULES, "required_if": [("state", "altered", ("offsets",))]})
