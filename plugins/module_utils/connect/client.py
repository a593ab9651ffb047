# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connect's REST API: one small method per call. Decides nothing and waits for nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ..errors import ApiError, Conflict, NotFound, UnexpectedAnswer
from ..http import HttpClient
from .model import Connector, Plugin


def _path(name: str) -> str:
    return f"/connectors/{quote(name, safe='')}"


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
        return version_numbers(str(self.get_worker().get("version", "")))

    def get_worker(self) -> Mapping[str, Any]:
        data = self._get("/")
        if not isinstance(data, dict) or "version" not in data:
            raise UnexpectedAnswer(
                f"GET {self.urls[0]}/ answered JSON without a version: this is no Kafka Connect worker.",
                advice="Check the URL.",
            )
        return data

    def check_ready(self) -> None:
        """Raises unless the worker has read its configuration topic: before that it lists no connectors, or a part."""
        try:
            # The worker itself takes up to 10 s to say that it can't get ready.
            self._http.request("GET", "/health", timeout=max(self._http.timeout, 15))
        except NotFound:
            # Kafka < 3.8 has no /health (KIP-1017). This request, too, is answered by the thread that reads the topic.
            try:
                self._get("/connectors/_/config")
            except NotFound:
                return

    def list_connectors(self) -> dict[str, Connector]:
        data = self._get("/connectors", query={"expand": ["info", "status"]})
        return {name: Connector.from_json(name, one["info"], one.get("status")) for name, one in data.items()}

    def list_names(self) -> set[str]:
        return set(self._get("/connectors"))

    def get_connector(self, name: str) -> Connector:
        info = self._get(_path(name))
        try:
            status = self._get(f"{_path(name)}/status")
        except NotFound:
            status = None
        return Connector.from_json(name, info, status)

    def has_status(self, name: str) -> bool:
        try:
            self._get(f"{_path(name)}/status")
        except NotFound:
            return False
        return True

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
        return sorted(self._get(f"{_path(name)}/topics")[name]["topics"])

    def get_offsets(self, name: str) -> list[dict[str, Any]]:
        offsets: list[dict[str, Any]] = self._get(f"{_path(name)}/offsets")["offsets"]
        return offsets

    def alter_offsets(self, name: str, offsets: Sequence[Mapping[str, Any]]) -> str:
        answer = self._http.request("PATCH", f"{_path(name)}/offsets", body={"offsets": offsets})
        return str((answer.data or {}).get("message", ""))

    def reset_offsets(self, name: str) -> str:
        answer = self._http.request("DELETE", f"{_path(name)}/offsets")
        return str((answer.data or {}).get("message", ""))

    def list_plugins(self, *, connectors_only: bool = True) -> list[Plugin]:
        query = {"connectorsOnly": "true" if connectors_only else "false"}
        return [Plugin.from_json(one) for one in self._get("/connector-plugins", query=query)]

    def list_config_keys(self, plugin: str) -> list[Mapping[str, Any]]:
        """The plug-in's ConfigDef (Kafka >= 3.2, KIP-769)."""
        keys: list[Mapping[str, Any]] = self._get(f"/connector-plugins/{quote(plugin, safe='$')}/config")
        return keys

    def validate_config(self, plugin: str, config: Mapping[str, str]) -> Mapping[str, Any]:
        answer = self._http.request(
            "PUT", f"/connector-plugins/{quote(plugin, safe='$')}/config/validate", body=config
        ).data
        return answer if isinstance(answer, dict) else {}

    def list_loggers(self) -> dict[str, str]:
        return {name: one["level"] for name, one in self._get("/admin/loggers").items()}

    def get_logger_level(self, name: str) -> str | None:
        try:
            level: str | None = self._get(f"/admin/loggers/{quote(name, safe='$')}")["level"]
        except NotFound:
            return None
        return level

    def set_logger_level(self, name: str, level: str, scope: str) -> None:
        self._http.request(
            "PUT", f"/admin/loggers/{quote(name, safe='$')}", query={"scope": scope}, body={"level": level}
        )

    def _get(self, path: str, query: Mapping[str, str | Sequence[str]] | None = None) -> Any:
        return self._http.request("GET", path, query=query).data


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
