# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options of what asks Prometheus, and the client that they describe."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..errors import InvalidInput
from ..http import HttpClient, Tls
from ..redact import without
from .client import PrometheusClient

CONNECTION_SPEC: Mapping[str, Any] = {
    "url": {"type": "str", "required": True},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "token": {"type": "str", "no_log": True},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "client_cert": {"type": "path"},
    "client_key": {"type": "path", "no_log": False},
    "timeout": {"type": "float", "default": 10},
}

CONNECTION_RULES: Mapping[str, Any] = {
    "required_together": [("username", "password")],
    "mutually_exclusive": [("username", "token")],
    "required_by": {"client_key": ["client_cert"]},
}


def prometheus_client(params: Mapping[str, Any]) -> PrometheusClient:
    """:raises InvalidInput: for a URL or a file that can't work, before anything is sent."""
    url = _checked_url(params["url"])
    if params["timeout"] <= 0:
        raise InvalidInput(f"timeout is {params['timeout']:g}.", advice="Give the seconds that a request may take.")
    for option in ("ca_path", "client_cert", "client_key"):
        if params[option] and not Path(params[option]).exists():
            raise InvalidInput(f"{option}: there is no {params[option]} on the host that runs this task.")
    http = HttpClient(
        [url],
        api="Prometheus",
        auth=(params["username"], params["password"]) if params["username"] else None,
        headers={"Authorization": f"Bearer {params['token']}"} if params["token"] else None,
        tls=Tls(params["validate_certs"], params["ca_path"], params["client_cert"], params["client_key"]),
        timeout=params["timeout"],
    )
    secrets = {value for value in (params["password"], params["token"]) if value}
    http.mask = lambda text: without(text, secrets)
    return PrometheusClient(http)


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        port_is_number = parts.port is None or parts.port > 0
    except ValueError:
        port_is_number = False
    if not port_is_number or parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidInput(f"url: {url!r} is no URL of Prometheus.", advice="Write it like http://prometheus:9090")
    if parts.username or parts.password:
        raise InvalidInput(
            f"url: the URL of {parts.hostname} holds a user or a password.",
            advice="Give them as username and password, or a token, which are kept out of messages.",
        )
    return url
