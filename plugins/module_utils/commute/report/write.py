# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the result as ``commute.json``. Makes and judges nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import InvalidInput

NAME = "commute.json"


def prepare_folder(folder: Path) -> None:
    """Finds out before anything is sent whether reports can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error.strerror) from error
    if not os.access(folder, os.W_OK):
        raise unwritable(folder, "no permission")


def write_json(folder: Path, result: Mapping[str, Any]) -> Path:
    """:param result: as docs/commute.schema.json describes it."""
    return write_whole(folder / NAME, json.dumps(result, indent=2) + "\n")


def write_whole(path: Path, text: str) -> Path:
    """Replaces the file as a whole, so that no reader ever sees half a report."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise unwritable(path, error.strerror) from error
    return path


def unwritable(path: Path, reason: str | None) -> InvalidInput:
    return InvalidInput(f"Could not write reports to {path}: {reason}.", advice="Check report_dir.")
