# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An event source for ansible-rulebook: what the canary judges, and connectors and tasks that fail.

It stands alone, because a rulebook's process has no collection loader: it needs requests, and nothing of Ansible.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import requests

DOCUMENTATION = r"""
short_description: The canary's verdicts, and failures of connectors and their tasks
description:
  - Asks Kafka Connect and the canary every few seconds, and emits an event for what is new since the last look.
  - A failure is emitted when it is first seen, and again when it is back after it was gone. A verdict is emitted once.
  - >-
    Every event has C(kind): V(connector_failed), V(connector_recovered), V(verdict), V(unreachable) or V(reachable).
    The first two have C(connector), C(type) and C(state), a failure C(tasks) and C(trace) as well; a verdict has
    C(number), C(sent) and C(verdict); the last two have C(source) (V(connect) or V(canary)) and C(error).
options:
  connect_urls:
    description: REST URLs of the workers of one Connect cluster; the first that answers is asked.
    type: list
    elements: str
  canary_url:
    description: URL of the canary, for example V(http://127.0.0.1:9480).
    type: str
  interval:
    description: Seconds between two looks.
    type: float
    default: 5
  timeout:
    description: Seconds that one request may take.
    type: float
    default: 10
  username:
    description: User of Connect's REST API.
    type: str
  password:
    description: Password of O(username).
    type: str
  validate_certs:
    description: Whether certificates are verified.
    type: bool
    default: true
  ca_path:
    description: PEM file with the authorities to trust.
    type: str
requirements:
  - requests
"""

EXAMPLES = r"""
- loggy.pipeline.pipeline:
    connect_urls: [http://127.0.0.1:8083]
    canary_url: http://127.0.0.1:9480
"""

Event = dict[str, Any]
OPTIONS = frozenset(
    ["connect_urls", "canary_url", "interval", "timeout", "username", "password", "validate_certs", "ca_path"]
)
_TRACE_LINES = 15


async def main(queue: asyncio.Queue[Event], args: Mapping[str, Any]) -> None:
    looks = looks_of(args)
    interval = float(args.get("interval", 5))
    while True:
        for look in looks:
            for event in await asyncio.to_thread(lambda look=look: list(look.events())):
                await queue.put(event)
        await asyncio.sleep(interval)


def looks_of(args: Mapping[str, Any]) -> list[Look]:
    """:raises ValueError: options that can't work, before anything is asked."""
    unknown = sorted(set(args) - OPTIONS)
    if unknown:
        raise ValueError(f"The source has no option {', '.join(unknown)}; it has {', '.join(sorted(OPTIONS))}.")
    urls = [url.rstrip("/") for url in args.get("connect_urls") or []]
    canary = (args.get("canary_url") or "").rstrip("/")
    if not urls and not canary:
        raise ValueError("Give the source connect_urls, canary_url or both: there is nothing to ask.")
    session = requests.Session()
    session.verify = (args.get("ca_path") or True) if args.get("validate_certs", True) else False
    timeout = float(args.get("timeout", 10))
    # Only Connect gets its password.
    auth = (args["username"], args["password"]) if args.get("username") else None
    looks = []
    if urls:
        asked = [f"{url}/connectors?expand=status" for url in urls]
        looks.append(Look("connect", lambda: _first(session, asked, timeout, auth), Connectors().new))
    if canary:
        looks.append(Look("canary", lambda: _first(session, [f"{canary}/report"], timeout, None), Verdicts().new))
    return looks


class Look:
    """One thing that is asked again and again. When it does not answer that is an event, once."""

    def __init__(self, source: str, ask: Callable[[], Any], new: Callable[[Any], Iterator[Event]]) -> None:
        self._source = source
        self._ask = ask
        self._new = new
        self._error = ""

    def events(self) -> Iterator[Event]:
        try:
            answer = self._ask()
            events = list(self._new(answer))
        except (requests.RequestException, ValueError, KeyError, TypeError, AttributeError) as error:
            if not self._error:
                yield {"kind": "unreachable", "source": self._source, "error": f"{type(error).__name__}: {error}"}
            self._error = str(error) or type(error).__name__
            return
        if self._error:
            yield {"kind": "reachable", "source": self._source, "error": self._error}
            self._error = ""
        yield from events


class Connectors:
    """What of Connect's answer is new: failures that were not there at the last look, and those that are gone."""

    def __init__(self) -> None:
        self._failed: dict[str, Event] = {}

    def new(self, answer: Mapping[str, Any]) -> Iterator[Event]:
        failed = {name: event for name, one in answer.items() if (event := _failure(name, one["status"]))}
        for name, event in failed.items():
            known = self._failed.get(name)
            if known is None or set(event["tasks"]) - set(known["tasks"]):
                yield {"kind": "connector_failed", **event}
        for name in self._failed.keys() & answer.keys() - failed.keys():
            status = answer[name]["status"]
            yield {
                "kind": "connector_recovered",
                "connector": name,
                "type": status["type"],
                "state": status["connector"]["state"],
            }
        self._failed = failed


class Verdicts:
    """What of the canary's report is new: verdicts since the last look. The first look is where it begins."""

    def __init__(self) -> None:
        self._known: set[tuple[str, int, str]] | None = None

    def new(self, report: Mapping[str, Any]) -> Iterator[Event]:
        # Not in the order of their numbers: who is lost is judged at his deadline, after many who arrived.
        verdicts = {(report["run"], one["number"], one["verdict"]): one for one in reversed(report["last_verdicts"])}
        for key, verdict in verdicts.items():
            if self._known is not None and key not in self._known:
                yield {"kind": "verdict", "run": report["run"], **verdict}
        self._known = set(verdicts)


def _failure(name: str, status: Mapping[str, Any]) -> Event | None:
    parts = [status["connector"], *status["tasks"]]
    if all(part["state"] != "FAILED" for part in parts):
        return None
    traces = [part.get("trace", "") for part in parts if part["state"] == "FAILED"]
    return {
        "connector": name,
        "type": status["type"],
        "state": status["connector"]["state"],
        "tasks": [task["id"] for task in status["tasks"] if task["state"] == "FAILED"],
        "trace": "\n".join(next(filter(None, traces), "").splitlines()[:_TRACE_LINES]),
    }


def _first(session: requests.Session, urls: list[str], timeout: float, auth: tuple[str, str] | None) -> Any:
    """:raises requests.RequestException: nobody answers; of the last one."""
    for url in urls:
        try:
            answer = session.get(url, timeout=timeout, auth=auth)
            answer.raise_for_status()
            return answer.json()
        except requests.RequestException:
            if url == urls[-1]:
                raise
    return None
