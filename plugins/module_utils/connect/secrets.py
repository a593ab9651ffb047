# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Knows which values of connectors' configs are secrets, and takes them out of what a person may read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from ..errors import ApiError, PipelineError
from ..redact import redact_config, secret_values, without_any
from .client import ConnectClient
from .validation import Validation, password_keys

E = TypeVar("E", bound=PipelineError)

# What can be shown of a connector whose plug-in can't be asked which of its keys are secret.
_PUBLIC_KEYS = frozenset(
    ("connector.class", "tasks.max", "topics", "topics.regex", "key.converter", "value.converter", "header.converter")
)


class Secrets:
    """Grows with what is learnt; its answers then hold for all connectors, as a key too many hidden harms nobody."""

    def __init__(self) -> None:
        self._configs: list[Mapping[str, str]] = []
        self._keys: set[str] = set()
        self._resolved: set[str] = set()
        self._known_classes: set[str] = set()

    def add_config(self, config: Mapping[str, str]) -> None:
        self._configs.append(config)

    def add_validation(self, connector_class: str, validation: Validation) -> None:
        self._known_classes.add(connector_class)
        self._keys |= validation.secret_keys
        self._resolved |= validation.resolved

    def ask(self, client: ConnectClient, configs: Iterable[Mapping[str, str]]) -> None:
        """Learns from the worker which keys the plug-ins of these configs declare as PASSWORD."""
        for config in configs:
            self.add_config(config)
            connector_class = config.get("connector.class", "")
            if connector_class in self._known_classes:
                continue
            try:
                self._keys |= password_keys(client.list_config_keys(connector_class))
                self._known_classes.add(connector_class)
            except ApiError:
                # The plug-in is gone, or Kafka is older than 3.2.
                self._keys |= set(config) - _PUBLIC_KEYS

    def redact(self, config: Mapping[str, str], other: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        return redact_config(config, other, self._keys)

    def masked(self, value: Any) -> Any:
        """``value`` without any secret value in any string in it."""
        return without_any(value, self._values())

    def masked_error(self, error: E) -> E:
        error.args = (self.masked(str(error)),)
        error.details = self.masked(error.details)
        return error

    def _values(self) -> set[str]:
        values = set(self._resolved)
        for config in self._configs:
            values |= secret_values(config, self._keys)
        return values
