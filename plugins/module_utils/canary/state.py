# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account on disk: one JSON file, replaced as a whole: a kill at any time leaves the old one or the new one."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from ..errors import InvalidInput

VERSION = 1


@contextmanager
def held(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Inside, no other canary has the account: a pod is replaced while the one before still ends.

    Where nothing can be locked nobody is waited for.
    """
    with ExitStack() as stack:
        with suppress(OSError):
            lock = stack.enter_context(path.with_name(f".{path.name}.lock").open("w"))
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say(f"another canary has the account {path}; this one begins when that one has ended")
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def load_state(path: Path) -> dict[str, Any] | None:
    """None when there is none yet.

    :raises InvalidInput: it can't be read. It is left as it is: it is all that is known of the Loggys before.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["version"] != VERSION:
            raise ValueError(f"it is of version {data['version']}, this canary writes {VERSION}")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InvalidInput(
            f"The canary's account {path} could not be read: {error}.", advice="Move it away to begin a new one."
        ) from error
    return dict(data)


def save_state(path: Path, state: Mapping[str, Any]) -> None:
    """:raises InvalidInput: it can't be written."""
    partial = path.with_name(f".{path.name}.new")
    try:
        with partial.open("w", encoding="utf-8") as file:
            # Not json.dump: only dumps is made by the encoder that is written in C, twenty times as fast.
            file.write(json.dumps({"version": VERSION, **state}, separators=(",", ":")))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise InvalidInput(
            f"The canary's account could not be written to {path}: {error.strerror}.",
            advice="Look whether the disk is full, and whether the canary's user may write there.",
        ) from error
