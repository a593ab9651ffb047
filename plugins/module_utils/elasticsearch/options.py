# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach an Elasticsearch: the options that every elasticsearch module has; the only place that reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from ..errors import InvalidInput
from ..redact import redact_text

ARGUMENT_SPEC: dict[str, Any] = {
    "urls": {"type": "list", "elements": "str", "required": True},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "api_key": {"type": "str", "no_log": True},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "client_cert": {"type": "path"},
    "client_key": {"type": "path"},
    "timeout": {"type": "float", "default": 10.0},
}
RULES: dict[str, Any] = {
    "required_together": [("username", "password")],
    "mutually_exclusive": [("username", "api_key")],
}
# The same as one option of whoever looks into indices beside other things.
NESTED: dict[str, Any] = {"type": "dict", "options": ARGUMENT_SPEC, **RULES}


@dataclass(frozen=True)
class Server:
    """One node's address. ``user`` and ``password`` are those that its URL carries."""

    scheme: str
    host: str
    port: int
    path: str = ""
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Connection:
    """Where the cluster is and how to be let in.

    :param urls: the servers' URLs as messages may show them.
    :param timeout: seconds that one request may take.
    """

    servers: tuple[Server, ...]
    urls: tuple[str, ...]
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    validate_certs: bool = True
    ca_path: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    timeout: float = 10.0


def connection(params: Mapping[str, Any]) -> Connection:
    """:raises InvalidInput: an address is no URL, or a file is not there."""
    urls = list(dict.fromkeys(url.strip() for url in params["urls"]))
    if not urls:
        raise InvalidInput("urls is empty.", advice="Name at least one server, for example http://127.0.0.1:9200.")
    if params["timeout"] <= 0:
        raise InvalidInput(f"timeout is {params['timeout']:g}; it must be more than 0 seconds.")
    for option in ("ca_path", "client_cert", "client_key"):
        if params[option] and not Path(params[option]).is_file():
            raise InvalidInput(f"{option} {params[option]} is not a file.")
    return Connection(
        servers=tuple(_server(url) for url in urls),
        urls=tuple(redact_text(url) for url in urls),
        **{option: params[option] for option in ARGUMENT_SPEC if option != "urls"},
    )


def _server(url: str) -> Server:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InvalidInput(f"urls: {redact_text(url)!r} is no URL: {error}.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise InvalidInput(
            f"urls: {redact_text(url)!r} is not the URL of a server.", advice="For example http://127.0.0.1:9200."
        )
    # As Elastic's own clients have it: without a port a URL means HTTP's port, not 9200.
    default_port = 443 if parts.scheme == "https" else 80
    return Server(parts.scheme, parts.hostname, port or default_port, parts.path.rstrip("/"), *_user(parts))


def _user(parts: SplitResult) -> tuple[str | None, str | None]:
    if parts.username is None:
        return None, None
    return unquote(parts.username), unquote(parts.password or "")
