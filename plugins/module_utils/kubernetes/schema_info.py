# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation of kubernetes_schema_info: which versions a cluster serves, and whether definitions fit them. Reads."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import Any

from ..errors import NotFound
from ..operation import Context, Operation, Result
from .client import Cluster, cluster
from .options import CONNECTION_RULES, CONNECTION_SPEC, LIBRARIES
from .served_schemas import compared

ARGUMENT_SPEC: dict[str, Any] = {
    **CONNECTION_SPEC,
    "groups": {"type": "list", "elements": "str", "default": []},
    "definitions": {"type": "list", "elements": "dict", "default": []},
    "require_kinds": {"type": "bool", "default": True},
}


def run(params: Mapping[str, Any], context: Context) -> Result:
    with closing(cluster(params)) as to:
        served = {group: _versions(to, group) for group in params["groups"]}
        missing = compared(to, params["definitions"], require_kinds=params["require_kinds"])
    return {"changed": False, "groups": served, "missing": missing}


def _versions(to: Cluster, group: str) -> dict[str, list[str]]:
    """The versions of each kind of a group, as the API server prefers them."""
    try:
        versions = [one["version"] for one in to.document(f"/apis/{group}")["versions"]]
    except NotFound:
        return {}
    kinds: dict[str, list[str]] = {}
    for version in versions:
        for kind in to.served(f"{group}/{version}"):
            kinds.setdefault(kind, []).append(version)
    return kinds


OPERATION = Operation(argument_spec=ARGUMENT_SPEC, run=run, rules=CONNECTION_RULES, libraries=LIBRARIES)
