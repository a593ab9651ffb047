# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What server-side apply would change, and what it would be refused, by a dry run of it. Reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import ApiError, InvalidInput, NotFound
from .client import ADVICE, Cluster, Object, Objects

_ADVICE = {
    **ADVICE,
    409: "Somebody else manages these fields: leave them out of the definition, or, to take them over, set "
    "force_conflicts (loggy_force_conflicts) to true.",
}


def to_apply(to: Cluster, definitions: Sequence[Object], manager: str, *, force: bool) -> tuple[Objects, Objects]:
    """Those that would make or change something, and those whose namespace is not there to be asked about.

    :raises InvalidInput: the API server would refuse some, by name.
    """
    changes, homeless, refusals = [], [], []
    for definition in definitions:
        try:
            if _changes(to, definition, manager, force):
                changes.append(definition)
        except ApiError as error:
            if _lacks_namespace(definition, error):
                homeless.append(definition)
            else:
                refusals.append((name_of(definition), error))
    if refusals:
        said = "; ".join(f"{name}: {' '.join(error.excerpt.split()).rstrip('.')}" for name, error in refusals)
        raise InvalidInput(
            f"Nothing was sent, since {to.url} would refuse {said}.",
            advice=_what_to_do([error for _name, error in refusals]),
            refused=[name for name, _error in refusals],
        )
    return changes, homeless


def _changes(to: Cluster, definition: Mapping[str, Any], manager: str, force: bool) -> bool:
    """:raises ApiError: the API server would refuse it."""
    meta = definition["metadata"]
    before = to.get(definition["apiVersion"], definition["kind"], meta.get("namespace"), meta["name"])
    after = to.would_apply(definition, field_manager=manager, force=force)
    return before is None or _declared(before, manager) != _declared(after, manager)


def _lacks_namespace(definition: Object, error: ApiError) -> bool:
    namespace = definition["metadata"].get("namespace")
    return isinstance(error, NotFound) and f'namespaces "{namespace}" not found' in error.excerpt


def _declared(thing: Object, manager: str) -> Object:
    """An object without what changes by itself between two looks: its status, and who else manages what."""
    meta = {
        name: value for name, value in thing["metadata"].items() if name not in ("managedFields", "resourceVersion")
    }
    owned = [one.get("fieldsV1") for one in thing["metadata"].get("managedFields") or () if one["manager"] == manager]
    return {**{name: value for name, value in thing.items() if name != "status"}, "metadata": meta, "owned": owned}


def _what_to_do(errors: Sequence[ApiError]) -> str:
    return " ".join(dict.fromkeys(_ADVICE[error.status] for error in errors if error.status in _ADVICE))


def name_of(definition: Mapping[str, Any]) -> str:
    return f"{definition['kind']} {definition['metadata']['name']}"
