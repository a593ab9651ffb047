# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options under ``forward``: the only place that reads them and makes a destination of them."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import InvalidInput
from .connection import Address, Tls
from .protocol import Credentials
from .sender import Patience

FORWARD_SPEC: dict[str, Any] = {
    "type": "dict",
    "options": {
        "host": {"type": "str", "default": "127.0.0.1"},
        "other_hosts": {"type": "list", "elements": "str", "default": []},
        "port": {"type": "int", "default": 24224},
        "tag": {"type": "str", "default": "output_tag"},
        "shared_key": {"type": "str", "no_log": True},
        "username": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "hostname": {"type": "str"},
        "tls": {"type": "bool", "default": False},
        "ca_path": {"type": "path"},
        "client_cert": {"type": "path"},
        "client_key": {"type": "path", "no_log": False},
        "tls_hostname": {"type": "str"},
        "validate_certs": {"type": "bool", "default": True},
        "compress": {"type": "bool", "default": False},
        "chunk_events": {"type": "int", "default": 1000},
        "in_flight": {"type": "int", "default": 8},
        "timeout": {"type": "float", "default": 10.0},
        "ack_timeout": {"type": "float", "default": 20.0},
        "deadline": {"type": "float", "default": 60.0},
    },
    "required_together": [["username", "password"]],
    "required_by": {"username": ["shared_key"], "client_key": ["client_cert"]},
}


@dataclass(frozen=True)
class Forward:
    """A forward destination.

    :param chunk_events: how many events a chunk has at most.
    """

    address: Address
    patience: Patience
    tag: str
    compress: bool
    chunk_events: int


def forward_destination(options: Mapping[str, Any]) -> Forward:
    """:param options: the values of FORWARD_SPEC."""
    if not 1 <= options["port"] <= 65535:
        raise InvalidInput(f"forward.port is {options['port']}: a port is a number from 1 to 65535.")
    if not options["tag"]:
        raise InvalidInput("forward.tag is empty: every event of the forward protocol has a tag.")
    for name in ("chunk_events", "in_flight", "timeout", "ack_timeout", "deadline"):
        if options[name] <= 0:
            raise InvalidInput(f"forward.{name} is {options[name]}: it must be greater than 0.")
    return Forward(
        address=Address(
            options["host"],
            options["port"],
            options["timeout"],
            _credentials(options),
            _tls(options),
            tuple(options["other_hosts"]),
        ),
        patience=Patience(options["in_flight"], options["ack_timeout"], options["deadline"]),
        tag=options["tag"],
        compress=options["compress"],
        chunk_events=options["chunk_events"],
    )


def _credentials(options: Mapping[str, Any]) -> Credentials | None:
    if not options["shared_key"]:
        return None
    hostname = options["hostname"] or socket.gethostname()
    return Credentials(hostname, options["shared_key"], options["username"] or "", options["password"] or "")


def _tls(options: Mapping[str, Any]) -> Tls | None:
    if not options["tls"]:
        without = [name for name in ("ca_path", "client_cert", "tls_hostname") if options[name]]
        if without:
            raise InvalidInput(
                f"forward.{without[0]} is set and forward.tls is not.", advice="Set forward.tls to true."
            )
        return None
    tls = Tls(
        options["ca_path"],
        options["client_cert"],
        options["client_key"],
        options["tls_hostname"],
        options["validate_certs"],
    )
    tls.context()  # unreadable files are refused before anything is sent
    return tls
