# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a folder as values: their digest, and their form in a manifest. Pure; ``scan`` looks at the files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Entry:
    """:param digest: sha256 of a file, ``-> target`` of a link, the type of anything else."""

    digest: str
    executable: bool
    size: int
    mtime_ns: int

    @property
    def content(self) -> tuple[str, bool]:
        return self.digest, self.executable


Tree = Mapping[str, Entry]


def tree_digest(tree: Tree) -> str:
    """One sha256 for the names, contents and executable bits of all files; times do not count."""
    lines = (f"{name}\0{entry.digest}\0{int(entry.executable)}\n" for name, entry in sorted(tree.items()))
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def contents(tree: Tree) -> dict[str, tuple[str, bool]]:
    return {name: entry.content for name, entry in tree.items()}


def tree_to_json(tree: Tree) -> dict[str, list[Any]]:
    return {name: [entry.digest, entry.executable, entry.size, entry.mtime_ns] for name, entry in sorted(tree.items())}


def tree_from_json(data: Mapping[str, Any]) -> dict[str, Entry]:
    """:raises ValueError, TypeError, AttributeError: when ``data`` is not what tree_to_json made."""
    return {str(name): Entry(str(row[0]), bool(row[1]), int(row[2]), int(row[3])) for name, row in data.items()}
