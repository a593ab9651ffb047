# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options that all modules for Connect share, and the client that they describe."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..errors import InvalidInput
from ..http import HttpClient, Tls
from ..kubernetes.credentials import credentials
from ..kubernetes.options import CONNECTION_RULES as KUBERNETES_RULES
from ..kubernetes.options import CONNECTION_SPEC as KUBERNETES_SPEC
from ..kubernetes.proxied import Target, refusal
from .client import ConnectClient
from .plan import Desired, normalize

# A worker makes one rebalance of all that came meanwhile: with 32 at a time, 100 new connectors take two thirds of the
# time that they take with 8.
PARALLEL = 32
_API = "Kafka Connect"

CONNECTION_SPEC: Mapping[str, Any] = {
    "urls": {"type": "list", "elements": "str"},
    "kubernetes": {
        "type": "dict",
        "options": {
            **KUBERNETES_SPEC,
            "namespace": {"type": "str", "required": True},
            "service": {"type": "str"},
            "pods": {"type": "list", "elements": "str"},
            "port": {"type": "int", "default": 8083},
        },
        "mutually_exclusive": [("service", "pods")],
        "required_one_of": [("service", "pods")],
        **KUBERNETES_RULES,
    },
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "client_cert": {"type": "path"},
    "client_key": {"type": "path", "no_log": False},
    "timeout": {"type": "float", "default": 10},
}

CONNECTION_RULES: Mapping[str, Any] = {
    "required_together": [("username", "password")],
    "required_by": {"client_key": ["client_cert"]},
    "required_one_of": [("urls", "kubernetes")],
    # The API server keeps a request's authorization for itself.
    "mutually_exclusive": [
        ("urls", "kubernetes"),
        *((option, "kubernetes") for option in ("username", "ca_path", "client_cert")),
    ],
}


def connect_client(params: Mapping[str, Any]) -> ConnectClient:
    """:raises InvalidInput: for a URL or a file that can't work, before anything is sent."""
    if params["timeout"] <= 0:
        raise InvalidInput(f"timeout is {params['timeout']:g}.", advice="Give the seconds that a request may take.")
    return ConnectClient(_proxied(params) if params.get("kubernetes") else _direct(params))


def _direct(params: Mapping[str, Any]) -> HttpClient:
    urls = [_checked_url(url) for url in params["urls"]]
    if not urls:
        raise InvalidInput("urls is empty.", advice="Give the REST URL of at least one worker: http://connect:8083")
    for option in ("ca_path", "client_cert", "client_key"):
        if params[option] and not Path(params[option]).exists():
            raise InvalidInput(f"{option}: there is no {params[option]} on the host that runs this task.")
    auth = (params["username"], params["password"]) if params["username"] else None
    tls = Tls(params["validate_certs"], params["ca_path"], params["client_cert"], params["client_key"])
    return HttpClient(urls, api=_API, auth=auth, tls=tls, timeout=params["timeout"], connections=PARALLEL)


def _proxied(params: Mapping[str, Any]) -> HttpClient:
    """Through the API server, with the credentials for that."""
    to = params["kubernetes"]
    kind = "service" if to["service"] else "pod"
    names = [to["service"]] if to["service"] else to["pods"]
    if not names:
        raise InvalidInput("kubernetes.pods is empty.", advice="Name at least one worker's pod, or its service.")
    targets = [Target(kind, to["namespace"], name, to["port"]) for name in names]
    who = credentials(to)
    return HttpClient(
        [who.url + target.path for target in targets],
        api=f"{_API} behind {who.url}",
        tls=who.tls,
        timeout=params["timeout"],
        connections=PARALLEL,
        headers=who.headers,
        proxy=who.proxy,
        gateway=partial(refusal, targets),
    )


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        port_is_number = parts.port is None or parts.port > 0
    except ValueError:
        port_is_number = False
    if not port_is_number or parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidInput(f"urls: {url!r} is no URL of a worker.", advice="Write it like http://connect:8083")
    if parts.username or parts.password:
        raise InvalidInput(
            f"urls: the URL of {parts.hostname} holds a user or a password.",
            advice="Give them as username and password, which are kept out of messages.",
        )
    return url


def read_desired(params: Mapping[str, Any]) -> list[Desired]:
    """:raises InvalidInput: for names that Connect would change or mix up."""
    desired: dict[str, Desired] = {}
    for one in params["connectors"]:
        name = one["name"]
        if not name or name != name.strip() or not name.isprintable():
            raise InvalidInput(
                f"connectors: {name!r} is no name for a connector.",
                advice="It must not be empty, nor hold control characters or blanks at its ends.",
            )
        if name in desired:
            raise InvalidInput(f"connectors: {name} is listed twice.", advice="Give each connector once.")
        config = None if one.get("config") is None else normalize(name, one["config"])
        desired[name] = Desired(name, config, one["state"])
    return list(desired.values())


def read_purge_prefix(params: Mapping[str, Any]) -> str | None:
    if not params["purge"]:
        return None
    prefix: str = params["purge_prefix"] or ""
    if not prefix:
        raise InvalidInput(
            "purge needs a purge_prefix that is not empty.",
            advice="Only connectors whose names begin with it are ever purged.",
        )
    return prefix
