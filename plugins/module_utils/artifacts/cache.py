# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps what was downloaded or built, by content or coordinates, and verifies it again whenever it is taken out."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..wait import wait_until
from .scan import scan
from .tree import contents


class Cache:
    """``<kind>/<key>/files`` holds an entry's files, ``<kind>/<key>/contents.json`` what they must hold.

    Entries are read and made by one run at a time: the one that is inside ``locked()``.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def locked(self, timeout: float, progress: Callable[[str], None]) -> Iterator[None]:
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / ".lock").open("a+", encoding="utf-8") as lock:

            def look() -> tuple[bool | None, str]:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    lock.seek(0)
                    return None, f"process {lock.read().strip() or 'unknown'} uses it"
                return True, ""

            wait_until(look, what=f"the cache {self.path}", timeout=timeout, progress=progress)
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            yield

    def entry(self, kind: str, key: str, fill: Callable[[Path, Path], None]) -> Path:
        """The folder with the entry's files.

        :param fill: makes them when they are not there or no longer what they were; gets a folder to work in and the
            folder for the files.
        """
        path = self.path / kind / key
        if not _is_intact(path):
            new = path.with_name(f"{key}.new")
            for old in (path, new):
                if old.exists():
                    shutil.rmtree(old)
            (new / "files").mkdir(parents=True)
            fill(new, new / "files")
            (new / "contents.json").write_text(json.dumps(contents(scan(new / "files"))), encoding="utf-8")
            new.rename(path)
        return path / "files"


def _is_intact(path: Path) -> bool:
    try:
        recorded = json.loads((path / "contents.json").read_text(encoding="utf-8"))
        return bool(recorded == {name: list(content) for name, content in contents(scan(path / "files")).items()})
    except (OSError, ValueError):
        return False
