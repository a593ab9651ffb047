# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes files into a staging folder. Two artefacts may give the same file, never different ones under one name."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath
from typing import IO

from ..errors import InvalidInput
from .tree import Tree

_BLOCK = 1 << 20


def place(root: Path, relative: str, stream: IO[bytes], executable: bool) -> None:
    target = root / relative
    make_folder(root, PurePosixPath(relative).parent)
    try:
        with target.open("xb") as out:
            shutil.copyfileobj(stream, out, _BLOCK)
    except FileExistsError:
        if not _is_same(target, stream):
            raise InvalidInput(
                f"The file {relative} comes twice, with different contents.",
                advice="Leave one of them out (exclude), or give them folders of their own.",
            ) from None
    target.chmod(0o755 if executable else 0o644)


def make_folder(root: Path, relative: PurePosixPath) -> None:
    try:
        (root / relative).mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise InvalidInput(f"{relative} comes both as a folder and as a file.") from None


def _is_same(target: Path, stream: IO[bytes]) -> bool:
    if not target.is_file():
        return False
    with target.open("rb") as there:
        while True:
            block = stream.read(_BLOCK)
            if there.read(len(block) or 1) != block:
                return False
            if not block:
                return True


def place_file(root: Path, source: Path, name: str) -> None:
    with source.open("rb") as stream:
        place(root, name, stream, executable=False)


def place_tree(root: Path, source: Path, tree: Tree) -> None:
    """Copies the files that ``tree`` lists from ``source``; links are followed."""
    for name, entry in tree.items():
        with (source / name).open("rb") as stream:
            place(root, name, stream, entry.executable)
