# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs programs to their end, and waits for what can be observed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.cluster.errors import ClusterError

SBIN = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SHOWN_LINES = 12
_POLL_SECONDS = 0.1


def say(text: str) -> None:
    """Progress, beside what a caller may want to read from standard output."""
    print(text, file=sys.stderr, flush=True)


def search_path() -> str:
    """The user's, and the folders of the system's programs, which not every root has on it."""
    return f"{os.environ.get('PATH', '')}:{SBIN}"


def run(command: Sequence[str | Path], *, given: str = "", timeout: float = 120) -> str:
    """:returns: what it wrote to standard output."""
    done = attempt(command, given=given, timeout=timeout)
    if done.returncode:
        raise ClusterError(f"`{_shown(command)}` failed: {last_lines(done.stderr or done.stdout)}")
    return done.stdout


def attempt(
    command: Sequence[str | Path], *, given: str = "", timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """The same for those who want to judge the result themselves."""
    try:
        return subprocess.run(
            command,
            input=given,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            env={**os.environ, "PATH": search_path()},
            check=False,
        )
    except FileNotFoundError as error:
        raise ClusterError(f"there is no program {command[0]}") from error
    except subprocess.TimeoutExpired as error:
        raise ClusterError(f"`{_shown(command)}` took longer than {timeout:g} s") from error


def run_in_view(command: Sequence[str | Path], *, cwd: Path, environment: Mapping[str, str] | None = None) -> None:
    """Shows what it says while it runs; for what takes minutes."""
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env={**os.environ, "PATH": search_path(), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno(),
            check=False,
        )
    except FileNotFoundError as error:
        raise ClusterError(f"there is no program {command[0]}") from error
    if done.returncode:
        raise ClusterError(f"`{_shown(command)}` failed with exit code {done.returncode}")


def wait_until(
    what: str, condition: Callable[[], bool], *, seconds: float, explain: Callable[[], str] = lambda: ""
) -> None:
    """:param what: to follow "could not".
    :param condition: asked again and again; it may raise `ClusterError` when there is nothing left to wait for.
    :param explain: what to show when time is up.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise ClusterError(f"could not {what} within {seconds:g} s\n{explain()}".rstrip())
        time.sleep(_POLL_SECONDS)


def last_lines(text: str) -> str:
    lines = text.strip().splitlines()
    return "\n".join(lines[-_SHOWN_LINES:]) or "it said nothing"


def _shown(command: Sequence[str | Path]) -> str:
    return " ".join(str(word) for word in command)
