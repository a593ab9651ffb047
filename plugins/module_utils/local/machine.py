# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at this machine for local_preflight: ports, disks, memory, JDKs, commands, folders. Judges nothing."""

from __future__ import annotations

import errno
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..errors import MissingLibrary
from .checks import Holder, Java, Listener, Port, overlap

_JVM_FOLDER = Path("/usr/lib/jvm")
_MIB = 1 << 20


def _psutil() -> Any:
    try:
        import psutil
    except ImportError as error:
        raise MissingLibrary("psutil", error) from error
    return psutil


def numeric_address(address: str) -> str | None:
    """None when the name is unknown."""
    try:
        return str(socket.getaddrinfo(address, None, type=socket.SOCK_STREAM)[0][4][0])
    except OSError:
        return None


def look_at_port(listener: Listener) -> Port:
    """Binds the port for a moment, which also finds what no list of sockets shows."""
    family = socket.AF_INET6 if ":" in listener.address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # Connections that a stopped server left in TIME_WAIT are no obstacle to the next one.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((listener.address, listener.port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return Port(taken=True, holders=tuple(_holders(listener)))
        return Port(taken=False, unusable=error.strerror or str(error))
    return Port(taken=False)


def _holders(listener: Listener) -> Iterator[Holder]:
    psutil = _psutil()
    listening = {
        connection.pid
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
        and connection.laddr.port == listener.port
        and overlap(connection.laddr.ip, listener.address)
    }
    for pid in sorted(listening - {None}):
        with suppress(psutil.NoSuchProcess):
            yield _holder(psutil.Process(pid), psutil)


def _holder(process: Any, psutil: Any) -> Holder:
    def known(look: Any) -> Any:
        try:
            return look()
        except psutil.AccessDenied:
            return "unknown"

    return Holder(
        process.pid, known(process.name), known(process.username), frozenset(parent.pid for parent in process.parents())
    )


def running_pid(pid_file: str) -> int | None:
    """The process that the file names, if there is one."""
    try:
        pid = int(Path(pid_file).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return pid if _psutil().pid_exists(pid) else None


def nearest_existing(path: str) -> Path:
    candidate = Path(path)
    # Path.exists would raise below a folder that this user may not enter.
    while not os.path.exists(candidate) and candidate != candidate.parent:  # noqa: PTH110
        candidate = candidate.parent
    return candidate


def free_mib(path: str) -> int:
    return shutil.disk_usage(nearest_existing(path)).free // _MIB


def available_memory_mib() -> int:
    return int(_psutil().virtual_memory().available) // _MIB


def command_path(name: str) -> str | None:
    return shutil.which(name)


def writable_problem(path: str) -> str:
    """Empty when this user can make files in the folder, or can make the folder."""
    nearest = nearest_existing(path)
    if not nearest.is_dir():
        return f"{path} can't be a folder: {nearest} is a file"
    if os.access(nearest, os.W_OK | os.X_OK):
        return ""
    return f"{path} can't be written: user {_user()} may not write to {nearest}"


def _user() -> str:
    return str(_psutil().Process().username())


def java_candidates(executable: str, java_home: str) -> tuple[list[Path], str]:
    """The ``java`` executables to look at, the preferred first, and where that was, in words.

    What the user names is the only one. Of those in the system's folder the lowest version comes first: it is the one
    that most programs run on.
    """
    if java_home:
        return [Path(java_home, "bin", "java")], f"java_home {java_home}"
    if executable:
        return [Path(shutil.which(executable) or executable)], f"executable {executable}"
    home, on_path = os.environ.get("JAVA_HOME"), shutil.which("java")
    named = [*([Path(home, "bin", "java")] if home else []), *([Path(on_path)] if on_path else [])]
    return [*named, *sorted(_JVM_FOLDER.glob("*/bin/java"), key=_digits)], f"JAVA_HOME, PATH and {_JVM_FOLDER}"


def _digits(path: Path) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", str(path))]


def look_at_javas(candidates: list[Path]) -> Iterator[Java]:
    seen = set()
    for executable in candidates:
        real = executable.resolve()
        if real not in seen and os.access(real, os.X_OK):
            seen.add(real)
            java = _look_at_java(real)
            if java is not None:
                yield java


def _look_at_java(executable: Path) -> Java | None:
    home = executable.parent.parent
    version = _released_version(home)
    if not version:
        # No JDK's own folder: a script of a version manager, or the system's stub. It knows where the JDK is.
        told = _ask(executable)
        home, version = Path(told.get("java.home", home)), told.get("java.version", "")
    if not version:
        return None
    return Java(str(home), version, os.access(home / "bin" / "javac", os.X_OK))


def _released_version(home: Path) -> str:
    """From the file that each JDK since 9 has; starting a JVM to ask costs a hundred times more."""
    try:
        match = re.search(r'^JAVA_VERSION="([^"]+)"', (home / "release").read_text(encoding="utf-8"), re.MULTILINE)
    except (OSError, UnicodeDecodeError):
        return ""
    return match[1] if match else ""


def _ask(executable: Path) -> dict[str, str]:
    try:
        told = subprocess.run(
            [executable, "-XshowSettings:properties", "-version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=30,
            check=False,
        ).stderr
    except (OSError, subprocess.TimeoutExpired):
        return {}
    return dict(re.findall(r"^\s+(java\.home|java\.version) = (.+)$", told, re.MULTILINE))
