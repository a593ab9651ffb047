# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation of kubernetes_schema_info: which versions a cluster serves, and whether definitions fit them. Reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from ..errors import InvalidInput, NotFound
from ..operation import Context, Operation, Result
from .client import Cluster, cluster
from .options import CONNECTION_RULES, CONNECTION_SPEC
from .schema import problems, schema_of

ARGUMENT_SPEC: dict[str, Any] = {
    **CONNECTION_SPEC,
    "groups": {"type": "list", "elements": "str", "default": []},
    "definitions": {"type": "list", "elements": "dict", "default": []},
    "require_kinds": {"type": "bool", "default": True},
}


def run(params: Mapping[str, Any], context: Context) -> Result:
    with closing(cluster(params)) as to:
        served = {group: _versions(to, group) for group in params["groups"]}
        found, missing = _compared(to, params["definitions"])
    if missing and params["require_kinds"]:
        found = [*(f"{to.url} serves no {kind}" for kind in missing), *found]
    if found:
        raise InvalidInput(f"Nothing was sent: {'; '.join(found)}.", problems=found)
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


def _compared(to: Cluster, definitions: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """What is wrong with each, and which kinds the cluster does not serve."""
    documents: dict[str, Mapping[str, Any]] = {}
    found, missing = [], []
    for definition in definitions:
        api_version, kind = str(definition.get("apiVersion") or ""), str(definition.get("kind") or "")
        name = (definition.get("metadata") or {}).get("name")
        if not api_version or not kind or not name:
            found.append(f"a definition has no apiVersion, kind or name ({kind or 'no kind'} {name or ''})")
            continue
        if api_version not in documents:
            documents[api_version] = _document(to, api_version)
        group, _slash, version = api_version.rpartition("/")
        schema = schema_of(documents[api_version], group, version, kind)
        if schema is None:
            missing.append(f"{kind} of {api_version}")
        else:
            found += [f"{kind} {name}: {one}" for one in problems(definition, schema, documents[api_version])]
    return found, list(dict.fromkeys(missing))


def _document(to: Cluster, api_version: str) -> Mapping[str, Any]:
    try:
        document: Mapping[str, Any] = to.document(
            f"/openapi/v3/{'apis' if '/' in api_version else 'api'}/{api_version}"
        )
    except NotFound:
        return {}
    return document


OPERATION = Operation(argument_spec=ARGUMENT_SPEC, run=run, rules=CONNECTION_RULES)
