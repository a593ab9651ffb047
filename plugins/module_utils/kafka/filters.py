# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a record is one that is looked for. Pure: no Kafka, no Ansible, no clock."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class RecordFilter:
    """All of it must hold; an empty one lets every record through.

    :param contains: text that is in the value.
    :param fields: dotted path of a JSON field of the value, and what it equals.
    :param headers: name of a header, and what it equals.
    """

    contains: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)

    def matches(self, value: bytes | None, headers: tuple[tuple[str, bytes | None], ...]) -> bool:
        if self.contains is not None and self.contains.encode() not in (value or b""):
            return False
        if any((name, _text(wanted).encode()) not in headers for name, wanted in self.headers.items()):
            return False
        return not self.fields or self._fields_match(value)

    def _fields_match(self, value: bytes | None) -> bool:
        try:
            document = json.loads(value or b"")
        except ValueError:
            return False
        return all(
            any(_text(found) == _text(wanted) for found in values_at(document, path))
            for path, wanted in self.fields.items()
        )


def values_at(document: Any, path: str) -> Iterator[Any]:
    """Each value that ``path`` can mean, since a key of a log record may hold dots itself (app.kubernetes.io/name)."""
    if not isinstance(document, dict):
        return
    if path in document:
        yield document[path]
    parts = path.split(".")
    for cut in range(1, len(parts)):
        key = ".".join(parts[:cut])
        if key in document:
            yield from values_at(document[key], ".".join(parts[cut:]))


def _text(value: Any) -> str:
    """A value as JSON writes it, text without its quotes: a play can't always tell 3 from "3"."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
