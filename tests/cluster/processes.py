# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster's processes: started in namespaces of their own, and remembered in a file to be stopped."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.cluster import paths
from tests.cluster.commands import SBIN, attempt, last_lines, run, search_path, wait_until
from tests.cluster.errors import ClusterError

_PROC = Path("/proc")
_HOLDER = "holder"


@dataclass(frozen=True)
class Process:
    """:param started: in the kernel's ticks since boot: with it, the id is not mistaken for a later process'."""

    name: str
    pid: int
    started: int

    @property
    def alive(self) -> bool:
        stat = _Stat.of(self.pid)
        return stat is not None and stat.started == self.started and stat.state != "Z"

    def send(self, number: signal.Signals) -> None:
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


@dataclass(frozen=True)
class _Stat:
    state: str
    parent: int
    started: int

    @classmethod
    def of(cls, pid: int) -> _Stat | None:
        try:
            fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return cls(fields[0], int(fields[1]), int(fields[19]))


@dataclass
class Processes:
    """:param mount_namespace: which all of them have, but those in containers."""

    mount_namespace: str
    known: dict[str, Process]

    @classmethod
    def recorded(cls) -> Processes | None:
        """Those of the last start, unless the machine was started anew since then."""
        try:
            told = json.loads(paths.RECORD.read_text())
        except FileNotFoundError:
            return None
        if told["boot"] != _boot():
            return None
        return cls(told["mount_namespace"], {item["name"]: Process(**item) for item in told["processes"]})

    @classmethod
    def begin(cls) -> Processes:
        """Makes the namespaces, which last as long as a process is in them."""
        command = ["unshare", "--mount", "--net", "--propagation", "private", "sleep", "infinity"]
        pid = _spawn(_HOLDER, command)
        wait_until("make namespaces", lambda: _command_name(pid) == "sleep", seconds=10, explain=lambda: log(_HOLDER))
        namespace = _mount_namespace(pid)
        if namespace is None or namespace == _mount_namespace(os.getpid()):
            raise ClusterError(f"there is no mount namespace of its own: {log(_HOLDER)}")
        made = cls(namespace, {})
        made._remember(_HOLDER, pid)
        return made

    @property
    def holder(self) -> int:
        return self.known[_HOLDER].pid

    @property
    def all_alive(self) -> bool:
        return all(process.alive for process in self.known.values())

    def inside(self, command: Sequence[str | Path]) -> list[str]:
        """The command that runs that one in the namespaces."""
        return ["nsenter", f"--target={self.holder}", "--mount", "--net", "--", *(str(word) for word in command)]

    def run(self, *command: str | Path, timeout: float = 120) -> str:
        return run(self.inside(command), timeout=timeout)

    def attempt(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return attempt(self.inside(command))

    def start(self, name: str, command: Sequence[str | Path]) -> None:
        self._remember(name, _spawn(name, self.inside(command)))

    def wait(self, what: str, condition: Callable[[], bool], *, of: str, seconds: float = 60) -> None:
        """Nothing is waited for once a process has ended.

        :param of: the process whose log explains why it takes too long.
        """

        def done() -> bool:
            for process in self.known.values():
                if not process.alive:
                    raise ClusterError(f"could not {what}: {process.name} has ended\n{log(process.name)}")
            return condition()

        wait_until(what, done, seconds=seconds, explain=lambda: log(of))

    def stop(self, names: Sequence[str], *, seconds: float) -> None:
        """Asks them to end, and makes them when they don't within the time."""
        processes = [self.known[name] for name in names if name in self.known]
        for process in processes:
            process.send(signal.SIGTERM)
        with contextlib.suppress(ClusterError):
            wait_until("end", lambda: not any(process.alive for process in processes), seconds=seconds)
        for process in processes:
            process.send(signal.SIGKILL)

    def kill_all(self) -> None:
        """Ends everything that lives in the namespaces, containers too."""
        wait_until("end all processes of the cluster", lambda: not self._kill_round(), seconds=20)

    def _kill_round(self) -> bool:
        """:returns: whether there was anything to kill."""
        found = _with_descendants({pid for pid in _all_pids() if _mount_namespace(pid) == self.mount_namespace})
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return bool(found)

    def _remember(self, name: str, pid: int) -> None:
        stat = _Stat.of(pid)
        if stat is None:
            raise ClusterError(f"{name} ended at once\n{log(name)}")
        self.known[name] = Process(name, pid, stat.started)
        told = {
            "boot": _boot(),
            "mount_namespace": self.mount_namespace,
            "processes": [vars(process) for process in self.known.values()],
        }
        part = paths.RECORD.with_suffix(".part")
        part.write_text(json.dumps(told, indent=1))
        part.rename(paths.RECORD)


def log(name: str) -> str:
    """The last lines that the process wrote."""
    try:
        return last_lines(_log_file(name).read_text(errors="replace"))
    except FileNotFoundError:
        return "it has no log"


def _log_file(name: str) -> Path:
    return paths.LOGS / f"{name}.log"


def _spawn(name: str, command: Sequence[str]) -> int:
    """In a session of its own, so that it outlives this process, and Ctrl-C at the terminal."""
    paths.LOGS.mkdir(parents=True, exist_ok=True)
    program = shutil.which(command[0], path=search_path())
    if program is None:
        raise ClusterError(f"there is no program {command[0]}")
    write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    return os.posix_spawn(
        program,
        list(command),
        {"PATH": SBIN},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(_log_file(name)), write, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )


def _boot() -> str:
    return (_PROC / "sys/kernel/random/boot_id").read_text().strip()


def _command_name(pid: int) -> str | None:
    try:
        return (_PROC / str(pid) / "comm").read_text().strip()
    except OSError:
        return None


def _mount_namespace(pid: int) -> str | None:
    try:
        return str((_PROC / str(pid) / "ns/mnt").readlink())
    except OSError:
        return None


def _all_pids() -> list[int]:
    return [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]


def _with_descendants(pids: set[int]) -> set[int]:
    parents = {pid: stat.parent for pid in _all_pids() if (stat := _Stat.of(pid)) and stat.state != "Z"}
    found = {pid for pid in pids if pid in parents}
    while grown := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= grown
    return found
