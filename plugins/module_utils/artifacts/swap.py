# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts staged folders in the place of the present ones by renaming: all of them, or none."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

_NEW, _OLD = ".artifact_folder-new", ".artifact_folder-old"


def staging_of(target: Path) -> Path:
    """Next to the target, because only within one file system a rename is a single step."""
    return target.with_name(f".{target.name}{_NEW}")


def old_of(target: Path) -> Path:
    return target.with_name(f".{target.name}{_OLD}")


def leftovers(targets: Iterable[Path], exclusive_in: Path | None) -> list[Path]:
    """What an interrupted run left behind."""
    beside = [path for target in targets for path in (staging_of(target), old_of(target)) if path.exists()]
    inside = [
        path
        for path in (exclusive_in.iterdir() if exclusive_in is not None and exclusive_in.is_dir() else ())
        if path.name.startswith(".") and path.name.endswith((_NEW, _OLD))
    ]
    return sorted({*beside, *inside})


def restore(targets: Iterable[Path]) -> None:
    """Puts the old folder back where a run was interrupted between its two renames."""
    for target in targets:
        if not target.exists() and old_of(target).exists():
            old_of(target).rename(target)


def swap_in(staged: Sequence[Path], removed: Sequence[Path]) -> None:
    """Renames each target in ``staged`` to its old name and its staging folder to the target; ``removed`` only go."""
    renames: list[tuple[Path, Path]] = []
    for target in [*staged, *removed]:
        if target.exists():
            discard([old_of(target)])
            renames.append((target, old_of(target)))
        if target in staged:
            renames.append((staging_of(target), target))
    done: list[tuple[Path, Path]] = []
    try:
        for source, destination in renames:
            source.rename(destination)
            done.append((source, destination))
    except BaseException:
        for source, destination in reversed(done):
            destination.rename(source)
        raise
    for target in [*staged, *removed]:
        # The swap is done: what can't be removed is a leftover, which the next run tells about.
        shutil.rmtree(old_of(target), ignore_errors=True)


def discard(folders: Iterable[Path]) -> None:
    for folder in folders:
        if folder.exists():
            shutil.rmtree(folder)
