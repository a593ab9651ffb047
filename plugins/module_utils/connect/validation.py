# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what a worker answers to a config that it was asked to validate. Pure; asks nobody."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .model import Plugin

# What a worker accepts for every connector and what its answer doesn't always list: the settings of transforms,
# predicates and converters, and of the clients that it makes for the connector.
_KNOWN_PREFIXES = (
    "transforms.",
    "predicates.",
    "key.converter.",
    "value.converter.",
    "header.converter.",
    "producer.override.",
    "consumer.override.",
    "admin.override.",
    "errors.",
    "topic.creation.",
    "offsets.storage.",
    "transaction.boundary",
    "exactly.once.",
    "config.action.",
)
_REFERENCE = re.compile(r"\$\{[^}]+\}")


@dataclass(frozen=True)
class FieldError:
    connector: str
    field: str
    errors: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.connector}: {self.field}: " + "; ".join(error.rstrip(".") for error in self.errors)


@dataclass(frozen=True)
class Validation:
    """:param secret_keys: those that the plug-in declares as PASSWORD.

    :param resolved: values that the worker put in place of ${...} references; no message may show one.
    """

    errors: tuple[FieldError, ...] = ()
    unknown_keys: tuple[str, ...] = ()
    secret_keys: frozenset[str] = frozenset()
    resolved: frozenset[str] = frozenset()


def read_validation(connector: str, config: Mapping[str, str], answer: Mapping[str, Any]) -> Validation:
    """:param answer: of ``PUT /connector-plugins/{class}/config/validate``."""
    fields = answer.get("configs", ())
    definitions = {field["definition"]["name"] for field in fields if field.get("definition")}
    values = [field["value"] for field in fields if field.get("value")]
    known = definitions | {value["name"] for value in values}
    return Validation(
        errors=tuple(
            FieldError(connector, value["name"], tuple(value["errors"])) for value in values if value.get("errors")
        ),
        unknown_keys=unknown_keys(config, known),
        secret_keys=password_keys(field["definition"] for field in fields if field.get("definition")),
        resolved=frozenset(
            value["value"]
            for value in values
            if value.get("value") and _REFERENCE.search(config.get(value["name"], "")) and value["value"] != "[hidden]"
        )
        - frozenset(config.values()),
    )


def unknown_keys(config: Mapping[str, str], known: Collection[str]) -> tuple[str, ...]:
    """Keys that nothing reads: a worker lets them pass, typing errors included (KAFKA-10600)."""
    return tuple(
        sorted(key for key in config if key not in known and key != "name" and not key.startswith(_KNOWN_PREFIXES))
    )


def password_keys(definitions: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """:param definitions: the elements of ``GET /connector-plugins/{class}/config``, or of a validation's answer."""
    return frozenset(one["name"] for one in definitions if one.get("type") == "PASSWORD")


def unknown_class(connector: str, config: Mapping[str, str], plugins: Collection[Plugin]) -> FieldError | None:
    """Why the worker can't run this connector at all, naming what it could run."""
    wanted = config.get("connector.class", "")
    there = ", ".join(sorted(f"{one.plugin_class} {one.version}".strip() for one in plugins)) or "none"
    if not wanted:
        return FieldError(connector, "connector.class", (f"is missing. The worker has: {there}.",))
    if any(plugin.answers_to(wanted) for plugin in plugins):
        return None
    return FieldError(connector, "connector.class", (f"the worker has no {wanted}. It has: {there}.",))
