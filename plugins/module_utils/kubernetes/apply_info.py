# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation of kubernetes_apply_info: what server-side apply would change, and what it would be refused. Reads."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import Any

from ..errors import InvalidInput
from ..operation import Context, Operation, Result
from .client import cluster
from .dry_run import name_of, to_apply
from .options import APPLY_SPEC, CONNECTION_RULES, CONNECTION_SPEC, LIBRARIES
from .served_schemas import compared, kind_of

ARGUMENT_SPEC: dict[str, Any] = {
    **CONNECTION_SPEC,
    **APPLY_SPEC,
    "definitions": {"type": "list", "elements": "dict", "required": True},
    "require_kinds": {"type": "bool", "default": True},
}


def run(params: Mapping[str, Any], context: Context) -> Result:
    definitions = params["definitions"]
    with closing(cluster(params)) as to:
        missing = compared(to, definitions, require_kinds=params["require_kinds"])
        served = [one for one in definitions if kind_of(one) not in missing]
        changes, homeless = to_apply(to, served, params["field_manager"], force=params["force_conflicts"])
    if homeless and params["require_kinds"]:
        namespaces = ", ".join(sorted({one["metadata"]["namespace"] for one in homeless}))
        raise InvalidInput(f"Nothing was sent: {to.url} has no namespace {namespaces}.", advice="Make it first.")
    unknown = [one for one in definitions if one in homeless or one not in served]
    return {"changed": False, "definitions": changes, "unknown": [name_of(one) for one in unknown]}


OPERATION = Operation(argument_spec=ARGUMENT_SPEC, run=run, rules=CONNECTION_RULES, libraries=LIBRARIES)
