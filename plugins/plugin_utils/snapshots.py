# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a task that runs tells a callback plug-in where it is: it runs in a forked process, the callback in its parent.

The callback opens a folder for a task that it shows; the task's processes write there, one file each. Where nobody
watches there is no folder, and nothing is written.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible import constants

_SUFFIX = ".json"


@dataclass(frozen=True)
class Snapshot:
    """:param state: what the task handed to ``Context.snapshot`` last."""

    host: str
    state: Mapping[str, Any]


class SnapshotWriter:
    """One process of a task, which runs for one host."""

    def __init__(self, folder: Path, host: str) -> None:
        self._path = folder / f"{os.getpid()}{_SUFFIX}"
        self._host = host

    def write(self, state: Mapping[str, Any]) -> None:
        """Replaces the file as a whole. It is for show, so that it never makes a task fail."""
        partial = self._path.with_suffix(".partial")
        with contextlib.suppress(OSError):
            partial.write_text(json.dumps({"host": self._host, "state": state}), encoding="utf-8")
            partial.replace(self._path)

    def close(self) -> None:
        self._path.unlink(missing_ok=True)


def open_folder(task: str) -> None:
    """:param task: its uuid."""
    _folder(task).mkdir(parents=True, exist_ok=True)


def close_folder(task: str) -> None:
    shutil.rmtree(_folder(task), ignore_errors=True)


def writer_for(task: str, host: str) -> SnapshotWriter | None:
    """None when nobody shows this task."""
    folder = _folder(task)
    return SnapshotWriter(folder, host) if folder.is_dir() else None


def read_snapshots() -> list[Snapshot]:
    """Of every task that is shown, by host."""
    return sorted(_read(), key=lambda snapshot: snapshot.host)


def _read() -> list[Snapshot]:
    found = []
    for path in _root().glob(f"*/*{_SUFFIX}"):
        with contextlib.suppress(FileNotFoundError):  # its task has just ended
            found.append(Snapshot(**json.loads(path.read_text(encoding="utf-8"))))
    return found


def _folder(task: str) -> Path:
    return _root() / task


def _root() -> Path:
    # Each ansible-playbook makes this folder for itself, and removes it at its end.
    return Path(constants.DEFAULT_LOCAL_TMP) / "loggy_snapshots"
