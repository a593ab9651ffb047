# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation of kubernetes_apply_info: what server-side apply would change, and what it would be refused. Reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from ..errors import ApiError, InvalidInput
from ..operation import Context, Operation, Result
from .client import ADVICE, Cluster, Object, cluster
from .options import CONNECTION_RULES, CONNECTION_SPEC

ARGUMENT_SPEC: dict[str, Any] = {
    **CONNECTION_SPEC,
    "definitions": {"type": "list", "elements": "dict", "required": True},
    "field_manager": {"type": "str", "required": True},
    "force_conflicts": {"type": "bool", "default": False},
}

_ADVICE = {
    **ADVICE,
    409: "Somebody else manages these fields: leave them out of the definition, or, to take them over, set "
    "force_conflicts (loggy_force_conflicts) to true.",
}


def run(params: Mapping[str, Any], context: Context) -> Result:
    changes, refusals = [], []
    with closing(cluster(params)) as to:
        for definition in params["definitions"]:
            try:
                if _changes(to, definition, params["field_manager"], params["force_conflicts"]):
                    changes.append(definition)
            except ApiError as error:
                refusals.append((_name(definition), error))
    if refusals:
        said = "; ".join(f"{name}: {' '.join(error.excerpt.split()).rstrip('.')}" for name, error in refusals)
        raise InvalidInput(
            f"Nothing was sent, since {to.url} would refuse {said}.",
            advice=_what_to_do([error for _name, error in refusals]),
            refused=[name for name, _error in refusals],
        )
    return {"changed": False, "definitions": changes}


def _changes(to: Cluster, definition: Mapping[str, Any], manager: str, force: bool) -> bool:
    """:raises ApiError: the API server would refuse it."""
    meta = definition["metadata"]
    before = to.get(definition["apiVersion"], definition["kind"], meta.get("namespace"), meta["name"])
    after = to.would_apply(definition, field_manager=manager, force=force)
    return before is None or _declared(before, manager) != _declared(after, manager)


def _declared(thing: Object, manager: str) -> Object:
    """An object without what changes by itself between two looks: its status, and who else manages what."""
    meta = {
        name: value for name, value in thing["metadata"].items() if name not in ("managedFields", "resourceVersion")
    }
    owned = [one.get("fieldsV1") for one in thing["metadata"].get("managedFields") or () if one["manager"] == manager]
    return {**{name: value for name, value in thing.items() if name != "status"}, "metadata": meta, "owned": owned}


def _what_to_do(errors: Sequence[ApiError]) -> str:
    return " ".join(dict.fromkeys(_ADVICE[error.status] for error in errors if error.status in _ADVICE))


def _name(definition: Mapping[str, Any]) -> str:
    return f"{definition['kind']} {definition['metadata']['name']}"


OPERATION = Operation(argument_spec=ARGUMENT_SPEC, run=run, rules=CONNECTION_RULES)
