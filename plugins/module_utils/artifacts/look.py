# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at the folders as they are: their manifests, files and owners. Changes nothing."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import InvalidInput
from .declaration import Folder
from .plan import MARKER, Manifest, Seen
from .scan import scan


def look_at_folder(folder: Folder) -> Seen | None:
    """None when there is no folder, or an empty one that nobody has filled yet.

    :raises InvalidInput: when something else is there, which replacing it would destroy.
    """
    if not folder.path.exists():
        return None
    if not folder.path.is_dir():
        raise InvalidInput(f"{folder.path} is there, and is no folder.", advice="Move it away, or name another path.")
    if not (folder.path / MARKER).is_file():
        if any(folder.path.iterdir()):
            raise InvalidInput(
                f"{folder.path} is not empty, and was not made by this module.",
                advice="Move it away, or name another path: what is in it would be lost.",
            )
        return None
    manifest = read_manifest(folder.path)
    known = manifest.files if manifest is not None else None
    return Seen(manifest, scan(folder.path, known, skip=lambda path: path == folder.path / MARKER), _is_owned(folder))


def read_manifest(folder: Path) -> Manifest | None:
    return Manifest.from_json((folder / MARKER).read_text(encoding="utf-8", errors="replace"))


def _is_owned(folder: Folder) -> bool:
    if stat.S_IMODE(folder.path.stat().st_mode) != folder.mode:
        return False
    statuses = [path.lstat() for path in everything_below(folder.path)]
    return (
        all(_is_readable(status.st_mode) for status in statuses[1:])
        and (folder.owner is None or {status.st_uid for status in statuses} == {folder.owner})
        and (folder.group is None or {status.st_gid for status in statuses} == {folder.group})
    )


def _is_readable(mode: int) -> bool:
    """By everybody, as the module leaves each folder and file."""
    return stat.S_ISLNK(mode) or (mode & 0o444 == 0o444 and (mode & 0o111 == 0o111 or not stat.S_ISDIR(mode)))


def everything_below(root: Path) -> Iterator[Path]:
    """``root`` itself, and every folder and file in it."""
    yield root
    for here, folders, files in os.walk(root):
        yield from (Path(here, name) for name in folders + files)


def not_listed(exclusive_in: Path | None, targets: Sequence[Path]) -> list[Path]:
    """The sub-folders that this module made, and that are declared no more."""
    if exclusive_in is None or not exclusive_in.is_dir():
        return []
    return sorted(
        path
        for path in exclusive_in.iterdir()
        if path not in targets and not path.name.startswith(".") and not path.is_symlink() and (path / MARKER).is_file()
    )
