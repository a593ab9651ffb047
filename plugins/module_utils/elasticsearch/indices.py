# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists indices with what one wants to know of them. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .client import Elasticsearch, index_path
from .dialect import Dialect

_COLUMNS = "index,uuid,health,status,pri,rep,docs.count,store.size"
# The indices behind a data stream begin with a dot, too, and are what the data stream's reader came for.
_DATA_STREAM = ".ds-"


@dataclass(frozen=True)
class Index:
    """
    :param documents: None while the index is closed or none of its shards is started; so may the other numbers be.
    :param bytes: of all copies.
    :param blocks: what is forbidden: write, read, metadata, read_only, read_only_allow_delete.
    """

    name: str
    uuid: str
    health: str | None
    status: str
    primaries: int | None
    replicas: int | None
    documents: int | None
    bytes: int | None
    blocks: list[str]
    aliases: list[str]


def list_indices(server: Elasticsearch, patterns: Iterable[str], dialect: Dialect, *, hidden: bool) -> list[Index]:
    """
    :param hidden: also those that are hidden, or of the system.
    :raises NotFound: an index that is named without a pattern does not exist.
    """
    patterns = list(patterns)
    pattern = ",".join(patterns)
    states = {"expand_wildcards": "open,closed"}
    if dialect.hides_indices and hidden:
        states = {"expand_wildcards": "open,closed,hidden"}
    cat_states = states if dialect.hides_indices else {}
    rows = server.get("/_cat/indices" + index_path(pattern), format="json", bytes="b", h=_COLUMNS, **cat_states)
    settings = server.get(index_path(pattern, "_settings", "index.blocks.*"), flat_settings="true", **states)
    aliases = server.get(index_path(pattern, "_alias"), **states)
    shows_dots = hidden or any(one.startswith(".") for one in pattern.split(","))
    indices = [_index(row, settings, aliases) for row in rows if shows_dots or _is_shown(row["index"])]
    return sorted(indices, key=lambda index: index.name)


def _is_shown(name: str) -> bool:
    return not name.startswith(".") or name.startswith(_DATA_STREAM)


def _index(row: Mapping[str, Any], settings: Mapping[str, Any], aliases: Mapping[str, Any]) -> Index:
    name = row["index"]
    blocks = settings.get(name, {}).get("settings", {})
    return Index(
        name=name,
        uuid=row["uuid"],
        health=row["health"],
        status=row["status"],
        primaries=_number(row["pri"]),
        replicas=_number(row["rep"]),
        documents=_number(row["docs.count"]),
        bytes=_number(row["store.size"]),
        blocks=sorted(key.removeprefix("index.blocks.") for key, value in blocks.items() if str(value) == "true"),
        aliases=sorted(aliases.get(name, {}).get("aliases", {})),
    )


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)
