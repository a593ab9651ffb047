# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: where brokers listen, how that is secured, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.cluster.operator.api import Object
from tests.cluster.operator.nodes import Node
from tests.cluster.operator.objects import LABEL, Component, port
from tests.cluster.operator.status import unsupported

CONTROL_PORT = 9090
REPLICATION_PORT = 9091
CONTROL = f"CONTROLPLANE-{CONTROL_PORT}"
REPLICATION = f"REPLICATION-{REPLICATION_PORT}"
SCRAM = "scram-sha-512"
SCRAM_MODULE = "org.apache.kafka.common.security.scram.ScramLoginModule"
# Where each broker's listeners are reached: (pod, listener) to (host, port).
Addresses = Mapping[tuple[str, str], tuple[str, int]]
_DOMAIN = "cluster.local"


def check(listeners: Sequence[Object]) -> None:
    for listener in listeners:
        label = f"listener {listener['name']}"
        if listener["type"] not in {"internal", "nodeport"}:
            raise unsupported(f"{label} of type {listener['type']}")
        kind = (listener.get("authentication") or {}).get("type", SCRAM)
        if kind != SCRAM:
            raise unsupported(f"{label} with authentication of type {kind}")


def label(listener: Object) -> str:
    """What Kafka calls it."""
    return f"{listener['name'].upper()}-{listener['port']}"


def services(component: Component, listeners: Sequence[Object], brokers: Sequence[Node]) -> list[Object]:
    inside = [port(f"tcp-{item['name']}", item["port"]) for item in listeners if item["type"] == "internal"]
    replication = port("tcp-replication", REPLICATION_PORT)
    control = port("tcp-ctrlplane", CONTROL_PORT)
    is_broker = {f"{LABEL}broker-role": "true"}
    made = [
        component.headless(f"{component.name}-brokers", [control, replication, *inside]),
        component.service(f"{component.name}-bootstrap", [replication, *inside], labels=is_broker),
    ]
    for listener in listeners:
        if listener["type"] == "nodeport":
            name, wanted = listener["name"], listener.get("configuration") or {}
            asked = (wanted.get("bootstrap") or {}).get("nodePort")
            bootstrap = _node_port(component, f"{component.name}-{name}-bootstrap", listener, asked, is_broker)
            made.append(bootstrap)
            made += [
                _node_port(
                    component,
                    node_port_service(node, listener),
                    listener,
                    _override(listener, node).get("nodePort"),
                    {f"{LABEL}pod-name": node.pod},
                )
                for node in brokers
            ]
    return made


def node_port_service(node: Node, listener: Object) -> str:
    return f"{node.cluster}-{node.pool['metadata']['name']}-{listener['name']}-{node.number}"


def advertised(
    component: Component,
    listeners: Sequence[Object],
    brokers: Sequence[Node],
    given: Mapping[str, int | None],
    address: str,
) -> Addresses:
    """:param given: the ports of the node: Service to number.
    :param address: of the node.
    """
    addresses: dict[tuple[str, str], tuple[str, int]] = {}
    for listener in listeners:
        for node in brokers:
            if listener["type"] == "internal":
                host, number = component.host(f"{component.name}-brokers", node.pod), listener["port"]
            else:
                host, number = address, given[node_port_service(node, listener)]
            override = _override(listener, node)
            addresses[node.pod, listener["name"]] = (
                str(override.get("advertisedHost", host)),
                int(override.get("advertisedPort") or number or 0),
            )
    return addresses


def certificate_names(component: Component, listeners: Sequence[Object], node: Node) -> list[str]:
    """As with Strimzi, a node's address is among them only where the resource names it: pods come and go."""
    bootstrap, headless = f"{component.name}-bootstrap", f"{component.name}-brokers"
    names = [bootstrap, f"{bootstrap}.{component.namespace}"]
    for host in (component.host(bootstrap), component.host(headless), component.host(headless, node.pod)):
        names += [host, f"{host}.{_DOMAIN}"]
    for listener in listeners:
        names += ((listener.get("configuration") or {}).get("bootstrap") or {}).get("alternativeNames") or []
        names += [host for host in [_override(listener, node).get("advertisedHost")] if host]
    return list(dict.fromkeys(names))


def security(listeners: Sequence[Object], folder: str, keystore: str) -> dict[str, str]:
    """The settings of all listeners: those of the cluster's own parts ask for a certificate, as with Strimzi.

    :param folder: where the certificates are; :param keystore: that of the node, in it.
    """
    protocols = dict.fromkeys((CONTROL, REPLICATION), "SSL")
    values = {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": f"{folder}/{keystore}",
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": f"{folder}/cluster-ca/ca.crt",
        **{f"listener.name.{name.lower()}.ssl.client.auth": "required" for name in protocols},
    }
    for listener in listeners:
        protocols[label(listener)] = "SSL" if listener.get("tls") else "PLAINTEXT"
        if listener.get("authentication"):
            protocols[label(listener)] = f"SASL_{protocols[label(listener)]}"
            prefix = f"listener.name.{label(listener).lower()}"
            values[f"{prefix}.sasl.enabled.mechanisms"] = SCRAM.upper()
            values[f"{prefix}.{SCRAM}.sasl.jaas.config"] = f"{SCRAM_MODULE} required;"
    mapped = ",".join(f"{name}:{protocol}" for name, protocol in protocols.items())
    return {**values, "listener.security.protocol.map": mapped}


def told(
    component: Component, listener: Object, given: Mapping[str, int | None], address: str, authority: str
) -> Object:
    """What the status says of it.

    :param authority: the certificate to trust, where there is TLS.
    """
    if listener["type"] == "internal":
        host, number = component.host(f"{component.name}-bootstrap"), listener["port"]
    else:
        host, number = address, given[f"{component.name}-{listener['name']}-bootstrap"]
    return {
        "name": listener["name"],
        "addresses": [{"host": host, "port": number}],
        "bootstrapServers": f"{host}:{number}",
        **({"certificates": [authority]} if listener.get("tls") else {}),
    }


def _node_port(
    component: Component, name: str, listener: Object, asked: int | None, labels: Mapping[str, str]
) -> Object:
    entry = port(f"tcp-{listener['name']}", listener["port"])
    return component.service(
        name, [{**entry, **({"nodePort": asked} if asked else {})}], labels=labels, type="NodePort"
    )


def _override(listener: Object, node: Node) -> Object:
    brokers = (listener.get("configuration") or {}).get("brokers") or []
    return next((item for item in brokers if item["broker"] == node.number), {})
