# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Secrets with which a Kafka's parts trust each other: its two authorities, and a certificate for each part."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

from tests.cluster.operator import certificates
from tests.cluster.operator.api import Api, Object
from tests.cluster.operator.certificates import Signed
from tests.cluster.operator.objects import LABEL, Component, revision

KEYSTORE = "keystore.pem"
_STAMP = f"{LABEL}server-cert-hash"
_OPERATOR = "cluster-operator"


def authority(api: Api, component: Component, name: str) -> Signed:
    """Made once, then kept.

    :param name: cluster-ca or clients-ca.
    """
    public, private = authority_secret(component.cluster, name), f"{component.cluster}-{name}"
    found = [data(api, component.namespace, one) for one in (public, private)]
    if found[0].get("ca.crt") and found[1].get("ca.key"):
        return Signed(found[0]["ca.crt"], found[1]["ca.key"])
    made = certificates.authority(name)
    api.apply(secret(component, private, {"ca.key": made.key}))
    api.apply(secret(component, public, {"ca.crt": made.certificate}))
    return made


def authority_secret(cluster: str, name: str) -> str:
    return f"{cluster}-{name}-cert"


def node_certificate(api: Api, component: Component, pod: str, by: Signed, names: Sequence[str]) -> str:
    """:returns: what stands for it: another one is of another value."""
    return _certificate(api, component, pod, by, component.name, names, {f"{LABEL}pod-name": pod})


def operator_certificate(api: Api, component: Component, by: Signed) -> None:
    _certificate(api, component, operator_secret(component.cluster), by, _OPERATOR, (), {})


def operator_secret(cluster: str) -> str:
    return f"{cluster}-{_OPERATOR}-certs"


def superusers(component: Component) -> list[str]:
    return [f"User:CN={name},O={certificates.ORGANISATION}" for name in (component.name, _OPERATOR)]


def remove_nodes(api: Api, component: Component, kept: set[str]) -> None:
    for found in api.list("Secret", component.namespace, cluster=component.cluster, name=component.name):
        pod = found["metadata"]["labels"].get(f"{LABEL}pod-name", "")
        if pod and pod not in kept:
            api.delete("Secret", component.namespace, found["metadata"]["name"])


def data(api: Api, namespace: str, name: str) -> dict[str, str]:
    """What a Secret holds; nothing where there is none."""
    found = (api.get("Secret", namespace, name) or {}).get("data") or {}
    return {key: base64.b64decode(value).decode() for key, value in found.items()}


def secret(
    component: Component,
    name: str,
    texts: Mapping[str, str],
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
) -> Object:
    return component.object("Secret", name, labels=labels, annotations=annotations, type="Opaque", data=encoded(texts))


def encoded(texts: Mapping[str, str]) -> dict[str, str]:
    return {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}


def _certificate(
    api: Api,
    component: Component,
    name: str,
    by: Signed,
    principal: str,
    names: Sequence[str],
    labels: Mapping[str, str],
) -> str:
    stamp = revision(by.certificate, principal, list(names))
    found = api.get("Secret", component.namespace, name) or {"metadata": {}}
    if (found["metadata"].get("annotations") or {}).get(_STAMP) != stamp:
        made = certificates.sign(by, principal, names)
        texts = {f"{name}.crt": made.certificate, f"{name}.key": made.key, KEYSTORE: made.keystore}
        api.apply(secret(component, name, texts, labels=labels, annotations={_STAMP: stamp}))
    return stamp
