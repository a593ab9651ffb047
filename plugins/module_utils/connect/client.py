# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connect's REST API: one small method per call. Decides nothing and waits for nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from ..errors import ApiError, Conflict, NotFound, UnexpectedAnswer
from ..http import Answer, HttpClient
from .model import Connector, Plugin

T = TypeVar("T")


def _path(name: str) -> str:
    return f"/connectors/{quote(name, safe='')}"


def _plugin_path(plugin: str) -> str:
    return f"/connector-plugins/{quote(plugin, safe='$')}"


def _logger_path(name: str) -> str:
    return f"/admin/loggers/{quote(name, safe='$')}"


class ConnectClient:
    def __init__(self, http: HttpClient) -> None:
        self._http = http

    @property
    def urls(self) -> Sequence[str]:
        return self._http.urls

    def mask_with(self, mask: Callable[[str], str]) -> None:
        """Has secrets taken out of answers before a part of one becomes an error's text."""
        self._http.mask = mask

    def only(self, url: str) -> ConnectClient:
        """A client of one worker."""
        return ConnectClient(self._http.only(url))

    def get_version(self) -> tuple[int, ...]:
        """Kafka's version on the worker, as far as it is made of numbers: (4, 3, 1)."""
        return version_numbers(str(self.get_worker()["version"]))

    def get_worker(self) -> Mapping[str, Any]:
        return self._get("/", lambda data: {"version": data["version"], **data})

    def check_ready(self) -> None:
        """Raises unless the worker has read its configuration topic: before that it lists no connectors, or a part."""
        try:
            # A worker that can't get ready needs 10 s to say so: the default for a request would just miss it.
            self._http.request("GET", "/health", timeout=self._http.timeout * 1.5)
        except NotFound:
            # Kafka < 3.8 has no /health (KIP-1017). This request, too, is answered by the thread that reads the topic.
            self._find("/connectors/_/config")

    def list_connectors(self) -> dict[str, Connector]:
        return self._get(
            "/connectors",
            lambda data: {
                name: Connector.from_json(name, one["info"], one.get("status")) for name, one in data.items()
            },
            query={"expand": ["info", "status"]},
        )

    def list_names(self) -> set[str]:
        return self._get("/connectors", set)

    def get_connector(self, name: str) -> Connector:
        status = self._find(f"{_path(name)}/status")
        return self._get(_path(name), lambda info: Connector.from_json(name, info, status))

    def has_status(self, name: str) -> bool:
        return self._find(f"{_path(name)}/status") is not None

    def create_connector(self, name: str, config: Mapping[str, str], initial_state: str) -> None:
        """Needs Kafka >= 3.7 (KIP-980)."""
        self._http.request(
            "POST", "/connectors", body={"name": name, "config": config, "initial_state": initial_state.upper()}
        )

    def put_config(self, name: str, config: Mapping[str, str]) -> None:
        self._http.request("PUT", f"{_path(name)}/config", body=config)

    def put_state(self, name: str, state: str) -> None:
        """:param state: running, paused, or (Kafka >= 3.5, KIP-875) stopped."""
        verb = {"running": "resume", "paused": "pause", "stopped": "stop"}[state]
        self._http.request("PUT", f"{_path(name)}/{verb}")

    def restart_failed(self, name: str) -> None:
        self._http.request("POST", f"{_path(name)}/restart", query={"includeTasks": "true", "onlyFailed": "true"})

    def delete_connector(self, name: str) -> None:
        self._http.request("DELETE", _path(name))

    def list_topics(self, name: str) -> list[str]:
        return self._get(f"{_path(name)}/topics", lambda data: sorted(data[name]["topics"]))

    def get_offsets(self, name: str) -> list[dict[str, Any]]:
        return self._get(f"{_path(name)}/offsets", lambda data: list(data["offsets"]))

    def alter_offsets(self, name: str, offsets: Sequence[Mapping[str, Any]]) -> None:
        self._http.request("PATCH", f"{_path(name)}/offsets", body={"offsets": offsets})

    def reset_offsets(self, name: str) -> None:
        self._http.request("DELETE", f"{_path(name)}/offsets")

    def list_plugins(self, *, connectors_only: bool = True) -> list[Plugin]:
        query = {"connectorsOnly": "true" if connectors_only else "false"}
        return self._get("/connector-plugins", lambda data: [Plugin.from_json(one) for one in data], query=query)

    def list_config_keys(self, plugin: str) -> list[Mapping[str, Any]]:
        """The plug-in's ConfigDef (Kafka >= 3.2, KIP-769)."""
        return self._get(f"{_plugin_path(plugin)}/config", list)

    def validate_config(self, plugin: str, config: Mapping[str, str]) -> Mapping[str, Any]:
        answer = self._http.request("PUT", f"{_plugin_path(plugin)}/config/validate", body=config)
        return self._read(answer, lambda data: {"configs": data["configs"]})

    def get_logger_level(self, name: str) -> str | None:
        data = self._find(_logger_path(name))
        return None if data is None else str(data["level"])

    def set_logger_level(self, name: str, level: str, scope: str) -> None:
        self._http.request("PUT", _logger_path(name), query={"scope": scope}, body={"level": level})

    def _find(self, path: str) -> Mapping[str, Any] | None:
        """What is at this path, or None when Connect says that nothing is."""
        try:
            return self._get(path, dict)
        except NotFound:
            return None

    def _get(self, path: str, read: Callable[[Any], T], query: Mapping[str, str | Sequence[str]] | None = None) -> T:
        return self._read(self._http.request("GET", path, query=query), read)

    def _read(self, answer: Answer, read: Callable[[Any], T]) -> T:
        try:
            return read(answer.data)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise UnexpectedAnswer(
                f"{answer.url} answered with JSON that is not Kafka Connect's.",
                advice="Check that the URL is that of a worker.",
                url=answer.url,
            ) from error


def version_numbers(version: str) -> tuple[int, ...]:
    """ "3.9.2-cp1" is (3, 9, 2)."""
    numbers = []
    for part in version.replace("-", ".").split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers)


def is_already_there(error: ApiError) -> bool:
    """Connect answers 409 to two things: the connector exists, and a rebalance is under way."""
    return isinstance(error, Conflict) and "already exists" in error.excerpt


def is_passing(error: ApiError) -> bool:
    """Whether the same request may succeed in a moment: a rebalance, a leader that is gone, a worker that starts."""
    if isinstance(error, Conflict):
        return not is_already_there(error)
    forwarding = error.status == 500 and "trying to forward REST request" in error.excerpt
    return forwarding or error.status == 503
