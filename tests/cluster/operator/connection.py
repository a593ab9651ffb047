# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A `KafkaConnect`'s way to its brokers: `tls` and `authentication`, and the Secrets that they name."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from tests.cluster.operator import trust
from tests.cluster.operator.api import Api, Object
from tests.cluster.operator.listeners import SCRAM, SCRAM_MODULE
from tests.cluster.operator.objects import Component, revision
from tests.cluster.operator.status import Refused, unsupported

_CERTIFICATES = "/opt/kafka/connect-certs"
_PASSWORD = "/opt/kafka/connect-password"
_PROVIDER = "strimzidir"
# The worker's own clients, and those of its connectors.
_PREFIXES = ("", "producer.", "consumer.", "admin.")


def check(spec: Mapping[str, Any]) -> None:
    kind = (spec.get("authentication") or {}).get("type", SCRAM)
    if kind != SCRAM:
        raise unsupported(f"spec.authentication of type {kind}")


def settings(spec: Mapping[str, Any]) -> dict[str, str]:
    """Of the worker. The password stays in its Secret: a settings file names it."""
    tls, who = spec.get("tls"), spec.get("authentication")
    values: dict[str, str] = {}
    if tls is not None or who:
        values["security.protocol"] = ("SASL_" if who else "") + ("PLAINTEXT" if tls is None else "SSL")
    if tls and tls.get("trustedCertificates"):
        values |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": f"{_CERTIFICATES}/ca.crt"}
    if who:
        password = f"${{{_PROVIDER}:{_PASSWORD}:{who['passwordSecret']['password']}}}"
        jaas = f'{SCRAM_MODULE} required username="{who["username"]}" password="{password}";'
        values |= {"sasl.mechanism": SCRAM.upper(), "sasl.jaas.config": jaas}
    secured = {prefix + key: value for prefix in _PREFIXES for key, value in values.items()}
    return {**secured, **(_provider(spec.get("config") or {}) if who else {})}


def volumes(component: Component, spec: Mapping[str, Any]) -> list[Object]:
    found = []
    if (spec.get("tls") or {}).get("trustedCertificates"):
        found.append({"name": "certificates", "secret": {"secretName": _certificates_secret(component)}})
    if spec.get("authentication"):
        name = spec["authentication"]["passwordSecret"]["secretName"]
        found.append({"name": "password", "secret": {"secretName": name}})
    return found


def mounts(component: Component, spec: Mapping[str, Any]) -> list[Object]:
    paths = {"certificates": _CERTIFICATES, "password": _PASSWORD}
    names = [volume["name"] for volume in volumes(component, spec)]
    return [{"name": name, "mountPath": paths[name], "readOnly": True} for name in names]


def prepare(api: Api, component: Component, spec: Mapping[str, Any]) -> list[str]:
    """:returns: what the workers read of Secrets when they start: nothing that could be read back.

    :raises Refused: a Secret is not there, or lacks what is named.
    """
    read = []
    if (spec.get("tls") or {}).get("trustedCertificates"):
        trusted = [_certificates(api, component, source) for source in spec["tls"]["trustedCertificates"]]
        api.apply(trust.secret(component, _certificates_secret(component), {"ca.crt": "\n".join(trusted)}))
        read += trusted
    if spec.get("authentication"):
        source = spec["authentication"]["passwordSecret"]
        read.append(_item(_secret(api, component, source["secretName"]), source["secretName"], source["password"]))
    return [revision(one) for one in read]


def _provider(config: Mapping[str, Any]) -> dict[str, str]:
    """Beside those that the user has."""
    others = [name.strip() for name in str(config.get("config.providers", "")).split(",") if name.strip()]
    return {
        "config.providers": ",".join([*others, _PROVIDER]),
        f"config.providers.{_PROVIDER}.class": "org.apache.kafka.common.config.provider.DirectoryConfigProvider",
        f"config.providers.{_PROVIDER}.param.allowed.paths": _PASSWORD,
    }


def _certificates(api: Api, component: Component, source: Mapping[str, str]) -> str:
    name = source["secretName"]
    found = _secret(api, component, name)
    if "certificate" in source:
        return _item(found, name, source["certificate"])
    return "".join(text for key, text in sorted(found.items()) if fnmatchcase(key, source["pattern"]))


def _secret(api: Api, component: Component, name: str) -> dict[str, str]:
    found = trust.data(api, component.namespace, name)
    if not found:
        message = f"Secret {name} not found in namespace {component.namespace}"
        raise Refused("InvalidConfigurationException", message)
    return found


def _item(found: Mapping[str, str], name: str, key: str) -> str:
    if key not in found:
        raise Refused("InvalidConfigurationException", f"Items with key(s) [{key}] are missing in Secret {name}")
    return found[key]


def _certificates_secret(component: Component) -> str:
    return f"{component.name}-tls-trusted-certs"
