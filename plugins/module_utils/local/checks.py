# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The predicates of local_preflight: what was seen against what is needed. Pure; each problem is one line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address


@dataclass(frozen=True)
class Listener:
    """An address and port that a program is going to listen on. :param address: numeric."""

    name: str
    address: str
    port: int

    def __str__(self) -> str:
        return f"port {self.port} on {self.address} ({self.name})"


@dataclass(frozen=True)
class Holder:
    """A process that listens on a port. :param ancestors: the ids of its parent, its parent's parent and so on."""

    pid: int
    name: str
    user: str
    ancestors: frozenset[int]

    def __str__(self) -> str:
        return f"{self.name} (pid {self.pid}, user {self.user})"


@dataclass(frozen=True)
class Port:
    """A listener's port as it was seen.

    :param taken: somebody holds it; :param holders: who, as far as this user may see.
    :param unusable: why nobody can listen there, in words.
    """

    taken: bool
    holders: tuple[Holder, ...] = ()
    unusable: str = ""


@dataclass(frozen=True)
class Java:
    """:param version: as it calls itself; :param has_compiler: whether it is a JDK."""

    home: str
    version: str
    has_compiler: bool

    @property
    def feature(self) -> int:
        return feature_version(self.version)


def is_ours(port: Port, supervisor_pid: int | None) -> bool:
    """Whether only our supervisor's own processes hold the port."""
    return bool(port.holders) and all(supervisor_pid in {holder.pid, *holder.ancestors} for holder in port.holders)


def listener_problem(listener: Listener, port: Port, supervisor_pid: int | None) -> str:
    """Empty when the listener's port is free, or is held by a process below our supervisor already."""
    if port.unusable:
        return f"{listener} can't be used: {port.unusable}"
    if not port.taken or is_ours(port, supervisor_pid):
        return ""
    foreign = [holder for holder in port.holders if supervisor_pid not in {holder.pid, *holder.ancestors}]
    if not foreign:
        return f"{listener} is taken by a process that this user may not see: root's 'ss -ltnp' names it"
    return f"{listener} is taken by {foreign[0]}"


def clashes(listeners: Sequence[Listener]) -> list[str]:
    """Pairs of listeners that can't both have the port that is declared for them."""
    return [
        f"port {listener.port} is declared for {listener.name} and for {other.name}"
        for index, listener in enumerate(listeners)
        for other in listeners[index + 1 :]
        if listener.port == other.port and overlap(listener.address, other.address)
    ]


def overlap(address: str, other: str) -> bool:
    """Whether sockets on both addresses would get in each other's way."""
    one, two = _plain(address), _plain(other)
    return one == two or ip_address(one).is_unspecified or ip_address(two).is_unspecified


def _plain(address: str) -> str:
    parsed = ip_address(address.partition("%")[0])
    # A dual-stack socket, as Java's are, shows an IPv4 address inside an IPv6 one.
    mapped = getattr(parsed, "ipv4_mapped", None)
    return str(mapped or parsed)


def disk_problem(path: str, free_mib: int, minimum_mib: int) -> str:
    return (
        "" if free_mib >= minimum_mib else f"{path} has {free_mib} MiB of disk left, and {minimum_mib} MiB are needed"
    )


def memory_problem(available_mib: int, minimum_mib: int) -> str:
    if available_mib >= minimum_mib:
        return ""
    return f"{available_mib} MiB of memory are available, and {minimum_mib} MiB are needed"


def feature_version(version: str) -> int:
    """17 for 17.0.15, 8 for 1.8.0_402, 0 for what is no version."""
    match = re.match(r"(?:1\.)?(\d+)", version)
    return int(match[1]) if match else 0


def choose_java(seen: Sequence[Java], minimum: int) -> Java | None:
    """The first that is good."""
    return next((java for java in seen if java.feature >= minimum and java.has_compiler), None)


def java_problem(seen: Sequence[Java], minimum: int, looked_at: str) -> str:
    if choose_java(seen, minimum) is not None:
        return ""
    found = ", ".join(
        f"{java.home} is {java.version}" + ("" if java.has_compiler else " without a compiler") for java in seen
    )
    return (
        f"there is no JDK {minimum} or newer (looked at {looked_at}; {found or 'found none'}): install one"
        f" (apt install openjdk-{minimum}-jdk-headless, dnf install java-{minimum}-openjdk-devel), or set java_home"
    )


def command_problem(name: str, path: str | None, package: str) -> str:
    if path is not None:
        return ""
    return f"there is no command {name}" + (f": install the package {package}" if package else "")
