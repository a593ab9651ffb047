# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Server-side apply, as far as objects of maps go: who manages which field, and what of it another one may change."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from tests.unit.kubernetes.fake_objects import Object, Refused, merged

Path = tuple[str, ...]
_NAMES = {("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace")}


def applied(old: Object | None, definition: Object, manager: str, force: bool) -> Object:
    """:raises Refused: another manager has another value for a field."""
    wanted = {path: value for path, value in _leaves(definition) if path not in _NAMES}
    there = dict(_leaves(old or {}))
    fields = {
        entry["manager"]: {path for path, _value in _leaves(entry["fieldsV1"])}
        for entry in ((old or {}).get("metadata") or {}).get("managedFields") or ()
    }
    before = fields.pop(manager, set())
    taken = {
        (other, path)
        for other, paths in fields.items()
        for path in paths & wanted.keys()
        if there.get(path, wanted[path]) != wanted[path]
    }
    if taken and not force:
        raise _conflict(sorted(taken))
    left = {other: {path for path in paths if (other, path) not in taken} for other, paths in fields.items()}
    removed = before - wanted.keys() - {path for paths in left.values() for path in paths}
    patch: Object = {}
    for path in removed:
        _put(patch, path, None)
    new = merged(merged(old or {}, patch), definition)
    managed = [_entry(other, paths) for other, paths in {**left, manager: set(wanted)}.items()]
    new["metadata"]["managedFields"] = managed
    return new


def _leaves(thing: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if path == ("metadata", "managedFields"):
        return
    if isinstance(thing, Mapping) and (thing or not path):
        for name, value in thing.items():
            yield from _leaves(value, (*path, name))
    else:
        yield path, thing


def _entry(manager: str, paths: set[Path]) -> Object:
    fields: Object = {}
    for path in sorted(paths):
        _put(fields, path, {})
    return {"manager": manager, "operation": "Apply", "fieldsType": "FieldsV1", "fieldsV1": fields}


def _put(thing: Object, path: Path, value: Any) -> None:
    *way, last = path
    for name in way:
        thing = thing.setdefault(name, {})
    thing[last] = copy.deepcopy(value)


def _conflict(taken: list[tuple[str, Path]]) -> Refused:
    ((other, path), *more) = taken
    message = f'Apply failed with 1 conflict: conflict with "{other}": .{".".join(path)}'
    if more:
        fields = "".join(f"\n- .{'.'.join(one)}" for _other, one in taken)
        message = f'Apply failed with {len(taken)} conflicts: conflicts with "{other}":{fields}'
    return Refused(409, "Conflict", message)
