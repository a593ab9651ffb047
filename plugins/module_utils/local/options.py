# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of local_preflight: their specification, and the only place that reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import InvalidInput

ARGUMENT_SPEC: dict[str, Any] = {
    "listeners": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "address": {"type": "str", "required": True},
            "port": {"type": "int", "required": True},
        },
    },
    "supervisor_pid_file": {"type": "path"},
    "disk": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "path": {"type": "path", "required": True},
            "minimum_mib": {"type": "int", "required": True},
        },
    },
    "memory_mib": {"type": "int"},
    "java": {
        "type": "dict",
        "options": {
            "executable": {"type": "str"},
            "java_home": {"type": "path"},
            "minimum": {"type": "int", "default": 17},
        },
        "mutually_exclusive": [("executable", "java_home")],
    },
    "commands": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {"name": {"type": "str", "required": True}, "package": {"type": "str", "default": ""}},
    },
    "writable": {"type": "list", "elements": "path", "default": []},
}


@dataclass(frozen=True)
class WantedListener:
    """:param address: as declared, a name or a number."""

    name: str
    address: str
    port: int


@dataclass(frozen=True)
class WantedJava:
    executable: str
    java_home: str
    minimum: int


@dataclass(frozen=True)
class Wanted:
    """What the machine must have. :param disk: path and MiB; :param commands: name and package."""

    listeners: tuple[WantedListener, ...]
    supervisor_pid_file: str
    disk: tuple[tuple[str, int], ...]
    memory_mib: int
    java: WantedJava | None
    commands: tuple[tuple[str, str], ...]
    writable: tuple[str, ...]


def read_wanted(params: Mapping[str, Any]) -> Wanted:
    java = params["java"]
    return Wanted(
        tuple(_listener(item) for item in params["listeners"]),
        params["supervisor_pid_file"] or "",
        tuple((item["path"], item["minimum_mib"]) for item in params["disk"]),
        params["memory_mib"] or 0,
        WantedJava(java["executable"] or "", java["java_home"] or "", java["minimum"]) if java is not None else None,
        tuple((item["name"], item["package"]) for item in params["commands"]),
        tuple(params["writable"]),
    )


def _listener(params: Mapping[str, Any]) -> WantedListener:
    if not 1 <= params["port"] <= 65535:
        raise InvalidInput(f"The port of {params['name']} is {params['port']}, which is not between 1 and 65535.")
    return WantedListener(params["name"], params["address"], params["port"])
