# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decides whether a folder still holds what is declared, from its manifest and from what was seen. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .declaration import Folder
from .tree import Tree, contents, tree_from_json, tree_to_json

MARKER = ".artifact_folder.json"


@dataclass(frozen=True)
class Record:
    """One artefact as it was when its files were laid down.

    :param label: how a reader knows it.
    :param digest: over the local files that it was made from; empty for what its declaration pins.
    :param location: where ``sources`` were seen; moving them is no change.
    """

    label: str
    declared: Mapping[str, Any]
    digest: str
    location: str
    sources: Tree

    @property
    def identity(self) -> tuple[str, str]:
        return json.dumps(self.declared, sort_keys=True), self.digest


@dataclass(frozen=True)
class Manifest:
    records: tuple[Record, ...]
    files: Tree

    def to_json(self) -> str:
        records = [
            {
                "label": record.label,
                "declared": record.declared,
                "digest": record.digest,
                "location": record.location,
                "sources": tree_to_json(record.sources),
            }
            for record in self.records
        ]
        return json.dumps({"artifacts": records, "files": tree_to_json(self.files)}, indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Manifest | None:
        """None when ``text`` is no manifest, as after an interrupted write or an edit by hand."""
        try:
            data = json.loads(text)
            records = [
                Record(
                    str(item["label"]),
                    dict(item["declared"]),
                    str(item["digest"]),
                    str(item["location"]),
                    tree_from_json(item["sources"]),
                )
                for item in data["artifacts"]
            ]
            return cls(tuple(records), tree_from_json(data["files"]))
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            return None

    def known_sources(self, location: str) -> Tree:
        return next((record.sources for record in self.records if record.location == location), {})


@dataclass(frozen=True)
class PlannedFolder:
    """:param reason: why it has to be made anew, empty when it has not; :param after: None while nobody knows."""

    folder: Folder
    records: tuple[Record, ...]
    reason: str
    before: Manifest | None
    after: Tree | None


@dataclass(frozen=True)
class Plan:
    """:param removed: folders that are declared no more; :param leftovers: of an interrupted run."""

    folders: tuple[PlannedFolder, ...]
    removed: Mapping[Path, Manifest | None]
    leftovers: tuple[Path, ...]

    @property
    def to_make(self) -> list[PlannedFolder]:
        return [planned for planned in self.folders if planned.reason]


@dataclass(frozen=True)
class Seen:
    """A folder as it is. :param owned: whether owner, group and mode are as declared."""

    manifest: Manifest | None
    files: Tree
    owned: bool


def plan_folder(folder: Folder, wanted: tuple[Record, ...], seen: Seen | None) -> PlannedFolder:
    manifest = seen.manifest if seen is not None else None
    is_known = manifest is not None and _identities(wanted) == _identities(manifest.records)
    after = manifest.files if manifest is not None and is_known else None
    return PlannedFolder(folder, wanted, reason_to_change(wanted, seen), manifest, after)


def _identities(records: Sequence[Record]) -> list[tuple[str, str]]:
    return [record.identity for record in records]


def reason_to_change(wanted: Sequence[Record], seen: Seen | None) -> str:
    """Why the folder has to be made anew, in words; empty when it holds what is declared.

    :param seen: None when there is no folder.
    """
    if seen is None:
        return "it is not there"
    if seen.manifest is None:
        return "it has no readable manifest"
    if _identities(wanted) != _identities(seen.manifest.records):
        return "the declared artefacts, or the local files that they are made from, changed"
    differences = differing_files(seen.manifest.files, seen.files)
    if differences:
        more = f" and {len(differences) - 3} more" if len(differences) > 3 else ""
        return ", ".join(differences[:3]) + more
    return "" if seen.owned else "its owner, group or mode differs"


def differing_files(manifest: Tree, files: Tree) -> list[str]:
    was, now = contents(manifest), contents(files)
    return [
        *(f"{name} is missing" for name in sorted(was.keys() - now.keys())),
        *(f"{name} is not declared" for name in sorted(now.keys() - was.keys())),
        *(f"{name} was changed" for name in sorted(was.keys() & now.keys()) if was[name] != now[name]),
    ]
