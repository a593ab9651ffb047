# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at the files of a folder, by stat where that is enough. Reads; changes nothing."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from ..errors import InvalidInput
from .checksum import file_digest
from .tree import Entry, Tree


def _never(path: Path) -> bool:
    return False


def scan(
    root: Path, known: Tree | None = None, *, follow: bool = False, skip: Callable[[Path], bool] = _never
) -> dict[str, Entry]:
    """Every file below ``root`` by its relative path; a ``root`` that is a file gives that one by its name.

    :param known: an earlier scan; a file whose size and modification time are still the same is not read again.
    :param follow: take a link to a file for the file; links to folders are refused then.
    :param skip: whether to leave out a file, or a folder with all below it.
    """
    known = known or {}
    if not root.is_dir():
        return {root.name: _look(root, known.get(root.name), follow=True)}
    found: dict[str, Entry] = {}
    for folder, folders, files in os.walk(root, onerror=_raise):
        here = Path(folder)
        links = [name for name in folders if (here / name).is_symlink()]
        folders[:] = [name for name in folders if name not in links and not skip(here / name)]
        for name in files + links:
            path = here / name
            if not skip(path):
                relative = path.relative_to(root).as_posix()
                found[relative] = _look(path, known.get(relative), follow)
    return found


def _raise(error: OSError) -> None:
    raise error


def _look(path: Path, known: Entry | None, follow: bool) -> Entry:
    status = path.stat() if follow else path.lstat()
    executable = bool(status.st_mode & stat.S_IXUSR)
    if stat.S_ISLNK(status.st_mode):
        return Entry(f"-> {path.readlink()}", False, 0, 0)
    if not stat.S_ISREG(status.st_mode):
        if follow:
            raise InvalidInput(f"{path} is no file (a link to a folder, a socket or a device), and can't be copied.")
        return Entry("special", False, 0, 0)
    if known is not None and (known.size, known.mtime_ns) == (status.st_size, status.st_mtime_ns):
        return Entry(known.digest, executable, status.st_size, status.st_mtime_ns)
    return Entry(file_digest(path), executable, status.st_size, status.st_mtime_ns)
