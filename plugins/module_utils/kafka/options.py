# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach a Kafka cluster: the options that every kafka module has, and the only place that reads them."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import InvalidInput

SECURITY_PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
SASL_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")

ARGUMENT_SPEC: dict[str, Any] = {
    "bootstrap_servers": {"type": "list", "elements": "str", "required": True},
    "security_protocol": {"type": "str", "choices": list(SECURITY_PROTOCOLS), "default": "PLAINTEXT"},
    "sasl_mechanism": {"type": "str", "choices": list(SASL_MECHANISMS)},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "ca_path": {"type": "path"},
    "ca_content": {"type": "str"},
    "client_cert": {"type": "path"},
    "client_key": {"type": "path"},
    "validate_certs": {"type": "bool", "default": True},
    "timeout": {"type": "float", "default": 10.0},
}
REQUIRED_IF: list[Any] = [
    ("security_protocol", "SASL_PLAINTEXT", ["sasl_mechanism", "username", "password"]),
    ("security_protocol", "SASL_SSL", ["sasl_mechanism", "username", "password"]),
]
# The same as one option of whoever reads topics beside other things.
NESTED: dict[str, Any] = {"type": "dict", "options": ARGUMENT_SPEC, "required_if": REQUIRED_IF}


@dataclass(frozen=True)
class Connection:
    """Where the cluster is and how to be let in.

    :param servers: (host, port) of each bootstrap server.
    :param timeout: seconds that one request may take.
    """

    servers: tuple[tuple[str, int], ...]
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_path: str | None = None
    ca_content: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    validate_certs: bool = True
    timeout: float = 10.0

    @property
    def addresses(self) -> list[str]:
        return [f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in self.servers]

    @property
    def url(self) -> str:
        """The cluster's name in messages."""
        return "kafka://" + ",".join(self.addresses)

    @property
    def uses_sasl(self) -> bool:
        return self.security_protocol.startswith("SASL_")

    @property
    def uses_tls(self) -> bool:
        return self.security_protocol.endswith("SSL")


def connection(params: Mapping[str, Any]) -> Connection:
    """:raises InvalidInput: an address is not host:port, or a file is not there."""
    if not params["bootstrap_servers"]:
        raise InvalidInput("bootstrap_servers is empty.", advice="Name at least one broker as host:port.")
    if params["timeout"] <= 0:
        raise InvalidInput(f"timeout is {params['timeout']:g}; it must be more than 0 seconds.")
    for option in ("ca_path", "client_cert", "client_key"):
        if params[option] and not Path(params[option]).is_file():
            raise InvalidInput(f"{option} {params[option]} is not a file.")
    return Connection(
        servers=tuple(_server(address) for address in params["bootstrap_servers"]),
        **{option: params[option] for option in ARGUMENT_SPEC if option != "bootstrap_servers"},
    )


def _server(address: str) -> tuple[str, int]:
    host, colon, port = address.strip().rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or "/" in host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise InvalidInput(f"bootstrap_servers: {address!r} is not host:port.", advice="For example broker:9092.")
    return host, int(port)


def tls_context(to: Connection) -> ssl.SSLContext:
    """:raises InvalidInput: a file holds no certificate or no key."""
    context = ssl.create_default_context()
    try:
        if to.ca_path:
            context.load_verify_locations(to.ca_path)
        if to.ca_content:
            context.load_verify_locations(cadata=to.ca_content)
        if not to.validate_certs:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if to.client_cert:
            context.load_cert_chain(to.client_cert, to.client_key)
    except (ssl.SSLError, OSError, ValueError) as error:
        given = [to.ca_path, "ca_content" if to.ca_content else None, to.client_cert, to.client_key]
        files = ", ".join(one for one in given if one)
        raise InvalidInput(f"The TLS files {files} could not be loaded: {error}.") from error
    return context
