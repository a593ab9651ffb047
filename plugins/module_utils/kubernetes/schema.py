# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares a definition with the schema that the cluster serves for its kind: misspelt, missing, of another type.

Pure. It knows as much of OpenAPI as Kubernetes' schemas use, and lets pass what it does not know: the API server has
the last word.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
# The API server knows these without a schema; a custom resource's own says nothing of them.
_OF_ALL_KINDS = {"apiVersion", "kind", "metadata"}
_TYPES: Mapping[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}


def schema_of(document: Schema, group: str, version: str, kind: str) -> Schema | None:
    """The schema of a kind in a document of /openapi/v3; None when there is none."""
    wanted = {"group": group, "kind": kind, "version": version}
    for schema in document.get("components", {}).get("schemas", {}).values():
        if wanted in schema.get("x-kubernetes-group-version-kind", ()):
            found: Schema = schema
            return found
    return None


def problems(definition: Mapping[str, Any], schema: Schema, document: Schema) -> list[str]:
    """Each with its path: "spec.kafka.listners: there is no such field; did you mean listeners?"."""
    body = {name: value for name, value in definition.items() if name not in _OF_ALL_KINDS}
    return list(_compare("", body, schema, document))


def _compare(path: str, value: Any, schema: Schema, document: Schema) -> Iterator[str]:
    schema = _resolved(schema, document)
    if value is None or schema.get("x-kubernetes-int-or-string"):
        return
    wanted = str(schema.get("type"))
    if wanted in _TYPES and not _is(value, wanted):
        yield f"{path}: {value!r} is no {wanted}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {', '.join(map(str, schema['enum']))}"
    if isinstance(value, Mapping):
        yield from _fields(path, value, schema, document)
    elif isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for position, item in enumerate(value):
            yield from _compare(f"{path}[{position}]", item, schema["items"], document)


def _fields(path: str, value: Mapping[str, Any], schema: Schema, document: Schema) -> Iterator[str]:
    properties, others = schema.get("properties"), schema.get("additionalProperties")
    is_open = properties is None or schema.get("x-kubernetes-preserve-unknown-fields")
    for name, item in value.items():
        inner = f"{path}.{name}" if path else str(name)
        if properties is not None and name in properties:
            yield from _compare(inner, item, properties[name], document)
        elif isinstance(others, Mapping):
            yield from _compare(inner, item, others, document)
        elif not is_open and not others:
            near = difflib.get_close_matches(str(name), list(properties or ()), n=1)
            yield f"{inner}: there is no such field" + (f"; did you mean {near[0]}?" if near else "")
    for name in schema.get("required", ()):
        if value.get(name) is None and name not in _OF_ALL_KINDS:
            yield f"{f'{path}.{name}' if path else name}: it is required"


def _resolved(schema: Schema, document: Schema) -> Schema:
    """Behind references, which Kubernetes wraps in an allOf of one."""
    while True:
        only = schema.get("allOf", ())
        reference = schema.get("$ref") or (only[0].get("$ref") if len(only) == 1 else None)
        if not reference:
            return schema
        schema = document["components"]["schemas"].get(reference.rpartition("/")[2], {})


def _is(value: Any, wanted: str) -> bool:
    # A bool is an int in Python, and none in JSON.
    if isinstance(value, bool):
        return wanted == "boolean"
    return isinstance(value, _TYPES[wanted])
