# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Knows which values of connectors' configs are secrets, and takes them out of what a person may read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from ..errors import ApiError, PipelineError
from ..redact import redact_config, secret_values, without, without_any
from .client import ConnectClient
from .validation import Validation, password_keys

E = TypeVar("E", bound=PipelineError)

# What can be shown of a connector whose plug-in can't be asked which of its keys are secret.
_PUBLIC_KEYS = frozenset(
    ("connector.class", "tasks.max", "topics", "topics.regex", "key.converter", "value.converter", "header.converter")
)


class Secrets:
    """Grows with what is learnt. A key that is secret in one connector is hidden in all: that harms nobody."""

    def __init__(self) -> None:
        self._configs: list[Mapping[str, str]] = []
        self._keys: set[str] = set()
        self._doubtful_keys: set[str] = set()
        self._resolved: set[str] = set()
        self._known_classes: set[str] = set()

    def add(self, configs: Iterable[Mapping[str, str]]) -> None:
        self._configs += configs

    def ask(self, client: ConnectClient) -> None:
        """Learns from the worker which keys the plug-ins of the configs declare as PASSWORD."""
        for config in self._configs:
            connector_class = config.get("connector.class", "")
            if connector_class in self._known_classes:
                continue
            try:
                self._keys |= password_keys(client.list_config_keys(connector_class))
                self._known_classes.add(connector_class)
            except ApiError:
                # The plug-in is not there, or Kafka is older than 3.2.
                self._doubtful_keys |= set(config) - _PUBLIC_KEYS

    def add_validation(self, validation: Validation) -> None:
        self._keys |= validation.secret_keys
        self._resolved |= validation.resolved

    def redact(self, config: Mapping[str, str], other: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        return redact_config(config, other, self._keys | self._doubtful_keys)

    def masked(self, value: Any) -> Any:
        """``value`` without any secret value in any string in it."""
        return without_any(value, self._values())

    def masked_text(self, text: str) -> str:
        return without(text, self._values())

    def masked_error(self, error: E) -> E:
        error.args = (self.masked(str(error)),)
        error.details = self.masked(error.details)
        return error

    def _values(self) -> set[str]:
        values = set(self._resolved)
        for config in self._configs:
            values |= secret_values(config, self._keys)
        return values
