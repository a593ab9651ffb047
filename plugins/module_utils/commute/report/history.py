# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runs before: a small JSON file for each, in a folder that may hold other files, which stay as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from .write import unwritable, write_whole

NAME = "history"
KEPT = 200

# Names sort as the runs began; a run that is reported again has the same name.
_OURS = re.compile(r"\d{8}T\d{6}\.\d{6}Z-[0-9a-z_]{1,64}\.json")
_TEXTS = ("run", "started", "verdict", "word")
_NUMBERS = ("seconds", "expected", "lost", "median_ms", "p99_ms")


def remember(folder: Path, result: Mapping[str, Any], *, kept: int = KEPT) -> list[dict[str, Any]]:
    """Adds the run, removes the oldest above ``kept``, and returns those that are left, oldest first.

    :param folder: of the reports; the history is a folder in it.
    :raises InvalidInput: it can't be written.
    """
    history = folder / NAME
    try:
        history.mkdir(exist_ok=True)
        entry = summary(result)
        write_whole(history / f"{re.sub('[-:]', '', entry['started'])}-{entry['run']}.json", json.dumps(entry) + "\n")
        files = sorted(path for path in history.iterdir() if _OURS.fullmatch(path.name))
        for path in files[:-kept]:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(history, error.strerror) from error
    return [run for path in files[-kept:] if (run := _read(path))]


def summary(result: Mapping[str, Any]) -> dict[str, Any]:
    """What a trend needs of a run: the latencies are those from the start to the last stop."""
    last: Mapping[str, Any] = next((stop for stop in reversed(result["stops"]) if stop["deployed"]), {})
    latency = last["latency"]["from_start"] if last else {"median": None, "p99": None}
    return {
        **{field: result[field] for field in ("run", "started", "seconds", "verdict", "word", "stop")},
        "expected": last.get("expected"),
        "lost": last["missing"]["count"] if last else None,
        "median_ms": latency["median"],
        "p99_ms": latency["p99"],
    }


def _read(path: Path) -> dict[str, Any] | None:
    """None for what somebody else has made of it: the trend does without."""
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
        datetime.fromisoformat(entry["started"])
        is_ours = all(isinstance(entry[name], str) for name in _TEXTS)
        is_ours &= all(entry[name] is None or isinstance(entry[name], (int, float)) for name in _NUMBERS)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return entry if is_ours else None
