# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends supervisord, what it runs, and what it ran before it was killed. It signals nothing that works elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import MissingLibrary, NotReady
from ..operation import Context, Operation, Result

ARGUMENT_SPEC: dict[str, Any] = {
    "pid_file": {"type": "path", "required": True},
    "folder": {"type": "path", "required": True},
    "timeout": {"type": "float", "default": 60},
}


def run(params: Mapping[str, Any], context: Context) -> Result:
    psutil = _psutil()
    folder = Path(params["folder"])
    # A pid file outlives a machine's restart, and its number may then be somebody else's: only what works in the
    # folder is ours.
    working = [process for process in psutil.process_iter() if _works_in(process, folder)]
    supervisor_pid = _noted_pid(Path(params["pid_file"]))
    ours = [process for process in working if process.pid == supervisor_pid]
    programs = [process for process in working if process.pid != supervisor_pid]
    stopped = [{"pid": process.pid, "name": process.name()} for process in ours + programs]
    if stopped and not context.check_mode:
        # supervisord first, and it ends its programs itself: otherwise it would start them again.
        for group in (ours, programs):
            _end(psutil, group, params["timeout"])
    return {"changed": bool(stopped), "stopped": stopped}


def _noted_pid(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _works_in(process: Any, folder: Path) -> bool:
    """Whether the process's working folder is in ``folder``: supervisord's and every program's is."""
    try:
        return Path(process.cwd()).is_relative_to(folder)
    except (_psutil().Error, OSError):
        return False


def _end(psutil: Any, processes: list[Any], timeout: float) -> None:
    for process in processes:
        try:
            process.terminate()
        except psutil.NoSuchProcess:
            continue
    _ended, left = psutil.wait_procs(processes, timeout=timeout)
    if left:
        pids = ", ".join(f"{process.name()} (pid {process.pid})" for process in left)
        raise NotReady(
            f"Sent SIGTERM and waited {timeout:g} s for {pids} to end; still running.",
            advice="See why in the program's log, or end it by hand, and run purge.yml again.",
        )


def _psutil() -> Any:
    try:
        import psutil
    except ImportError as error:
        raise MissingLibrary("psutil", error) from error
    return psutil


OPERATION = Operation(argument_spec=ARGUMENT_SPEC, run=run)
