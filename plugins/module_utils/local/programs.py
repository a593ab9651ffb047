# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs under supervisor: what supervisor says of each, and the wait until they listen. Starts nothing."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from xmlrpc.client import Fault, ServerProxy

from ..errors import MissingLibrary, NotReady, Unreachable
from ..operation import Context, Operation, Result
from ..wait import wait_until

# A program that ended this often while it was waited for will not come up by waiting longer.
_RESTARTS_ENOUGH = 2
_LOG_LINES = 5
# supervisor.xmlrpc.Faults.BAD_NAME
_BAD_NAME = 10
_SETTLED = ("FATAL", "EXITED", "STOPPED", "UNKNOWN", "ABSENT")

ARGUMENT_SPEC: dict[str, Any] = {
    "socket": {"type": "path", "required": True},
    "programs": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "name": {"type": "str", "required": True},
            "address": {"type": "str"},
            "port": {"type": "int"},
        },
        "required_together": [("address", "port")],
    },
    "wait_timeout": {"type": "float", "default": 0},
}


@dataclass(frozen=True)
class Program:
    """One program as supervisor shows it.

    :param state: supervisor's word, or ABSENT when it has no such program.
    :param declaration: current, or added or changed when supervisor has not taken the program's file up yet.
    :param started: seconds since the epoch; :param pid: 0 when it does not run.
    """

    name: str
    state: str
    declaration: str = "current"
    pid: int = 0
    started: int = 0
    exit_status: int = 0
    log: str = ""

    def as_result(self) -> Result:
        names = ("name", "state", "declaration", "pid", "log")
        return {name: getattr(self, name) for name in names}


def why_hopeless(program: Program, restarts: int) -> str:
    """Why waiting longer for this program is no use, in words; empty while there is hope. Pure."""
    if program.state == "ABSENT":
        return "supervisor has no such program; run site.yml, which declares it"
    if program.state in _SETTLED:
        return f"supervisor shows it as {program.state} (exit status {program.exit_status})"
    if restarts >= _RESTARTS_ENOUGH:
        return f"it ended and was started again {restarts} times (last exit status {program.exit_status})"
    return ""


def last_lines(text: str, count: int = _LOG_LINES) -> str:
    """The last lines of a log, those of a stack trace's frames left out. Pure."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("at ", "... "))]
    return "\n".join(lines[-count:])


def run(params: Mapping[str, Any], context: Context) -> Result:
    supervisor = _Supervisor(Path(params["socket"]))
    programs = [
        _wait_for(supervisor, wanted, params["wait_timeout"], context.progress) for wanted in params["programs"]
    ]
    return {"changed": False, "programs": [program.as_result() for program in programs]}


def _wait_for(
    supervisor: _Supervisor, wanted: Mapping[str, Any], timeout: float, progress: Callable[[str], None]
) -> Program:
    starts: set[int] = set()

    def look() -> tuple[Program | None, str]:
        program = supervisor.program(wanted["name"])
        if timeout == 0:
            return program, ""
        if program.pid:
            starts.add(program.started)
        reason = why_hopeless(program, len(starts) - 1)
        if reason:
            end = f" The end of {program.log}:\n{_tail(program.log)}" if program.log else ""
            raise NotReady(f"{program.name} does not come up: {reason}.{end}", state=program.state)
        if program.state != "RUNNING":
            return None, program.state
        if wanted["port"] and not _listens(wanted["address"], wanted["port"]):
            return None, f"{program.state}, not listening yet on {wanted['address']}:{wanted['port']}"
        return program, ""

    return wait_until(
        look,
        what=f"{wanted['name']} to be up",
        timeout=timeout,
        longest_interval=0.25,
        advice=f"Read its log, or wait longer; supervisor's socket is {supervisor.path}.",
        progress=progress,
    )


def _listens(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), timeout=1):
            return True
    except OSError:
        return False


def _tail(log: str) -> str:
    try:
        with Path(log).open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - 16384))
            return last_lines(file.read().decode(errors="replace"))
    except OSError as error:
        return f"(it can't be read: {error.strerror})"


class _Supervisor:
    """supervisord's XML-RPC interface over its Unix socket."""

    def __init__(self, path: Path) -> None:
        try:
            from supervisor.xmlrpc import SupervisorTransport
        except ImportError as error:
            raise MissingLibrary("supervisor", error) from error
        self.path = path
        self._server = ServerProxy("http://localhost", transport=SupervisorTransport(None, None, f"unix://{path}"))

    def program(self, name: str) -> Program:
        declaration = "current"
        try:
            # Only reads the files: what has changed in them takes effect when it is told to take it up.
            ((added, changed, _removed),) = cast("list[list[list[str]]]", self._server.supervisor.reloadConfig())
            declaration = "added" if name in added else "changed" if name in changed else declaration
            info = cast("dict[str, Any]", self._server.supervisor.getProcessInfo(name))
        except OSError as error:
            raise Unreachable(
                f"Asked supervisor for {name} at {self.path}: {error.strerror or error}.",
                advice="Run site.yml, which starts it, or give the socket of the one that runs.",
            ) from error
        except Fault as error:
            if error.faultCode != _BAD_NAME:
                raise NotReady(f"Asked supervisor at {self.path} for {name}: {error.faultString}.") from error
            return Program(name, "ABSENT", declaration)
        return Program(
            name=name,
            state=info["statename"],
            declaration=declaration,
            pid=info["pid"],
            started=info["start"],
            exit_status=info["exitstatus"],
            log=info["stdout_logfile"],
        )


OPERATION = Operation(argument_spec=ARGUMENT_SPEC, run=run)
