# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who we are to a Kubernetes API server, and where it is: read as kubernetes.core does, by the client's own loader.

It opens no connection. What the loader writes into files, such as a kubeconfig's keys, is removed with this process.
"""

from __future__ import annotations

import base64
import contextlib
import multiprocessing.util
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

from ..errors import InvalidInput, MissingLibrary
from ..http import Tls
from .options import CONNECTION_SPEC

if TYPE_CHECKING:
    from kubernetes.client import Configuration

_ADVICE = (
    "Give kubeconfig (and context), or host with api_key or client_cert and client_key, or run inside the cluster."
)
#: What our options are called in the client's configuration, where that differs.
_NAMES = {
    "validate_certs": "verify_ssl",
    "ca_cert": "ssl_ca_cert",
    "client_cert": "cert_file",
    "client_key": "key_file",
}
_LOADED = ("host", "validate_certs", "ca_cert", "client_cert", "client_key", "proxy", "no_proxy")


@dataclass(frozen=True)
class Credentials:
    """:param url: of the API server; :param headers: what each request carries, secrets among them."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    tls: Tls
    proxy: str | None = None


def credentials(params: Mapping[str, Any]) -> Credentials:
    """For what speaks HTTP by itself.

    :param params: values of CONNECTION_SPEC; what is unset comes from K8S_AUTH_*, then from a kubeconfig or the pod.
    :raises InvalidInput: when there is nothing to go by.
    """
    given = _given(params)
    configuration = _configuration(given)
    groups = given.get("impersonate_groups", [])
    if len(groups) > 1:
        raise InvalidInput(
            f"impersonate_groups: {', '.join(groups)} are {len(groups)}.",
            advice="A request can carry one.",
        )
    return Credentials(
        url=configuration.host,
        headers={**_authorization(configuration, given), **{name: values[0] for name, values in _acting_as(given)}},
        tls=Tls(
            bool(configuration.verify_ssl), configuration.ssl_ca_cert, configuration.cert_file, configuration.key_file
        ),
        proxy=None if _is_bypassed(configuration) else configuration.proxy,
    )


def _given(params: Mapping[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name, spec in CONNECTION_SPEC.items():
        value = params.get(name)
        if value is None:
            value = _from_environment(name, spec["type"])
        if value not in (None, "", []):
            given[name] = value
    for name in ("ca_cert", "client_cert", "client_key"):
        if name in given and not Path(given[name]).is_file():
            raise InvalidInput(f"{name}: there is no file {given[name]} on the host that runs this task.")
    return given


def _from_environment(name: str, kind: str) -> Any:
    value = next(
        (
            found
            for one in (name, _NAMES.get(name, name))
            if (found := os.environ.get(f"K8S_AUTH_{one.upper()}")) is not None
        ),
        None,
    )
    if value is None or kind not in ("bool", "list"):
        return value
    return value.lower() not in ("0", "false", "no") if kind == "bool" else [one for one in value.split(",") if one]


def _configuration(given: Mapping[str, Any]) -> Configuration:
    configuration: Configuration = _library().client.Configuration()
    is_enough = any(name in given for name in ("api_key", "client_key", "password")) and "host" in given
    if not is_enough:
        _load(given, configuration)
    for name in _LOADED:
        if name in given:
            setattr(configuration, _NAMES.get(name, name), given[name])
    if "api_key" in given:
        configuration.refresh_api_key_hook = None
        configuration.api_key = {"BearerToken": f"Bearer {given['api_key']}"}
    configuration.host = configuration.host.rstrip("/")
    return configuration


def _load(given: Mapping[str, Any], configuration: Configuration) -> None:
    """In kubernetes.core's order: what was named, then the pod's service account, then the user's own kubeconfig."""
    config = _library().config
    import yaml

    kubeconfig, context = given.get("kubeconfig"), given.get("context")
    if kubeconfig is None and context is None:
        with contextlib.suppress(config.ConfigException):
            config.load_incluster_config(client_configuration=configuration)
            return
    # Keys that a kubeconfig holds become files.
    to: dict[str, Any] = {
        "context": context,
        "client_configuration": configuration,
        "persist_config": False,
        "temp_file_path": _folder(os.getpid()),
    }
    try:
        if isinstance(kubeconfig, Mapping):
            config.load_kube_config_from_dict(dict(kubeconfig), **to)
        else:
            config.load_kube_config(_file(kubeconfig), **to)
    except (config.ConfigException, yaml.YAMLError, AttributeError, OSError, TypeError, ValueError) as error:
        raise InvalidInput(_complaint(kubeconfig, context, error), advice=_ADVICE) from error


def _file(kubeconfig: str | None) -> str:
    """:raises InvalidInput: none of the files is there."""
    files = kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config"
    if not any(Path(one).expanduser().is_file() for one in files.split(os.pathsep) if one):
        raise InvalidInput(f"There is no kubeconfig {files} on the host that runs this task.", advice=_ADVICE)
    return files


def _complaint(kubeconfig: Any, context: str | None, error: Exception) -> str:
    where = "The kubeconfig" if isinstance(kubeconfig, Mapping) else f"The kubeconfig {_file(kubeconfig)}"
    of = f" with context {context}" if context else ""
    # A parser's message goes over many lines, and may quote the file, secrets and all.
    detail = (
        str(error).split("\n", 1)[0] if isinstance(error, _library().config.ConfigException) else "it is no kubeconfig"
    )
    return f"{where}{of} could not be used: {detail.rstrip('.')}."


def _authorization(configuration: Configuration, given: Mapping[str, Any]) -> dict[str, str]:
    if "api_key" not in given and "username" in given:
        user = f"{given['username']}:{given['password']}".encode()
        return {"authorization": f"Basic {base64.b64encode(user).decode()}"}
    token = configuration.get_api_key_with_prefix("BearerToken", "authorization")
    return {"authorization": token} if token else {}


def _is_bypassed(configuration: Configuration) -> bool:
    """Whether no proxy is to be used: neither the one given, nor one of the environment."""
    host = urlsplit(configuration.host).netloc
    return not configuration.proxy or bool(proxy_bypass(host, {"no": configuration.no_proxy or ""}))


def _acting_as(given: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    acting = []
    if "impersonate_user" in given:
        acting.append(("Impersonate-User", [given["impersonate_user"]]))
    if given.get("impersonate_groups"):
        acting.append(("Impersonate-Group", given["impersonate_groups"]))
    return acting


@lru_cache(maxsize=1)
def _folder(pid: int) -> str:
    """A folder of this process alone. Ansible's own processes end without atexit, but not without this."""
    folder = tempfile.mkdtemp(prefix="loggy-kubernetes-")
    multiprocessing.util.Finalize(None, shutil.rmtree, args=(folder,), kwargs={"ignore_errors": True}, exitpriority=0)
    return folder


def _library() -> Any:
    try:
        import kubernetes.client
        import kubernetes.config
    except ImportError as error:
        raise MissingLibrary("kubernetes", error) from error
    return kubernetes
