# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares definitions with the schemas that a cluster serves. Reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import InvalidInput, NotFound
from .client import Cluster
from .schema import problems, schema_of


def compared(to: Cluster, definitions: Sequence[Mapping[str, Any]], *, require_kinds: bool) -> list[str]:
    """The kinds that the cluster does not serve, as kind_of() names them.

    :raises InvalidInput: a definition does not fit its schema, or, where it must, has none.
    """
    found, missing = _compared(to, definitions)
    if missing and require_kinds:
        found = [*(f"{to.url} serves no {kind}" for kind in missing), *found]
    if found:
        raise InvalidInput(f"Nothing was sent: {'; '.join(found)}.", problems=found)
    return missing


def kind_of(definition: Mapping[str, Any]) -> str:
    return f"{definition['kind']} of {definition['apiVersion']}"


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
            missing.append(kind_of(definition))
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
