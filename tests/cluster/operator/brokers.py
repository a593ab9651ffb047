# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: the objects of a `Kafka` and its node pools, and what is refused of them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.cluster.operator.api import Object
from tests.cluster.operator.objects import (
    CONFIG_FOLDER,
    LABEL,
    Component,
    Template,
    allowed,
    java,
    kafka_id,
    pod,
    port,
    properties,
)
from tests.cluster.operator.settings import KAFKA_IMAGE, KAFKA_VERSION
from tests.cluster.operator.status import Refused, condition

CONTROL_PORT = 9090
REPLICATION_PORT = 9091
_CONTROL = f"CONTROLPLANE-{CONTROL_PORT}"
_REPLICATION = f"REPLICATION-{REPLICATION_PORT}"
# Where each broker's listeners are reached: (pod, listener) to (host, port).
Addresses = Mapping[tuple[str, str], tuple[str, int]]

_DATA = "/var/lib/kafka"
_INVALID = "InvalidResourceException"
_FORBIDDEN = (
    "listeners", "advertised.", "broker.", "listener.", "host.name", "port", "inter.broker.listener.name", "sasl.",
    "ssl.", "security.", "password.", "log.dir", "zookeeper.", "authorizer.", "super.user", "node.id", "process.roles",
    "controller.", "metadata.log.dir",
)  # fmt: skip
_ALLOWED = (
    "controller.quorum.election.backoff.max.ms",
    "controller.quorum.election.timeout.ms",
    "controller.quorum.fetch.timeout.ms",
)
_START = f"""\
[ -f "$1"/meta.properties ] ||
  java -Xmx128m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '/opt/kafka/libs/*' kafka.tools.StorageTool \
    format --ignore-formatted --cluster-id="$2" --config {CONFIG_FOLDER}/server.properties
shift 2
exec "$@"
"""


@dataclass(frozen=True)
class Node:
    pool: Object
    number: int
    cluster: str

    @property
    def pod(self) -> str:
        return f"{self.cluster}-{self.pool['metadata']['name']}-{self.number}"

    @property
    def roles(self) -> list[str]:
        return list(self.pool["spec"]["roles"])

    @property
    def is_broker(self) -> bool:
        return "broker" in self.roles

    @property
    def volumes(self) -> list[Object]:
        """As if all storage was of several disks: each with ``name`` and ``path``."""
        storage = self.pool["spec"]["storage"]
        if storage["type"] != "jbod":
            return [{**storage, "name": "data", "path": f"{_DATA}/data"}]
        return [
            {**disk, "name": f"data-{disk['id']}", "path": f"{_DATA}/data-{disk['id']}"} for disk in storage["volumes"]
        ]

    @property
    def log_dirs(self) -> list[str]:
        return [f"{disk['path']}/kafka-log{self.number}" for disk in self.volumes]


def check(kafka: Object, pools: Sequence[Object]) -> None:
    name = kafka["metadata"]["name"]
    spec = kafka["spec"]["kafka"]
    version = spec.get("version", KAFKA_VERSION)
    if version != KAFKA_VERSION:
        message = f"Unsupported Kafka.spec.kafka.version: {version}. Supported versions are: [{KAFKA_VERSION}]"
        raise Refused("UnsupportedKafkaVersionException", message)
    for listener in spec["listeners"]:
        label = f"listener {listener['name']}"
        if listener["type"] not in {"internal", "nodeport"}:
            raise _unsupported(f"{label} of type {listener['type']}")
        if listener.get("tls"):
            raise _unsupported(f"{label} with TLS")
        if listener.get("authentication"):
            raise _unsupported(f"{label} with authentication")
    if spec.get("authorization"):
        raise _unsupported("authorization")
    if not pools:
        raise Refused("InvalidConfigurationException", f"No KafkaNodePools found for Kafka cluster {name}")
    for role in ("controller", "broker"):
        if not any(role in pool["spec"]["roles"] and pool["spec"]["replicas"] for pool in pools):
            message = f"At least one KafkaNodePool with the {role} role and at least one replica is required"
            raise Refused(_INVALID, f"The Kafka cluster {name} is invalid: [{message} when KRaft mode is enabled]")


def nodes(kafka: Object, pools: Sequence[Object]) -> list[Node]:
    """Numbers that a pool has had it keeps, from the lowest; new ones are the lowest free ones."""
    kept = {}
    for pool in pools:
        had = sorted((pool.get("status") or {}).get("nodeIds") or [])
        kept[pool["metadata"]["name"]] = had[: pool["spec"]["replicas"]]
    used = {number for numbers in kept.values() for number in numbers}
    free = (number for number in range(10_000) if number not in used)
    found = []
    for pool in pools:
        numbers = kept[pool["metadata"]["name"]]
        numbers = [*numbers, *(next(free) for _ in range(pool["spec"]["replicas"] - len(numbers)))]
        found += [Node(pool, number, kafka["metadata"]["name"]) for number in numbers]
    return found


def cluster_id(kafka: Object) -> str:
    """Once told it stays; else it follows from the resource, so that no step needs to remember one."""
    told = (kafka.get("status") or {}).get("clusterId")
    return str(told or kafka_id(uuid.UUID(kafka["metadata"]["uid"])))


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


def server_properties(
    kafka: Object, node: Node, every: Sequence[Node], component: Component, advertised: Addresses
) -> str:
    headless = f"{component.name}-brokers"
    voters = [item for item in every if "controller" in item.roles]
    listeners: dict[str, int] = {}
    told: dict[str, tuple[str, int]] = {}
    if "controller" in node.roles:
        listeners[_CONTROL] = CONTROL_PORT
    if node.is_broker:
        listeners[_REPLICATION] = REPLICATION_PORT
        told[_REPLICATION] = (component.host(headless, node.pod), REPLICATION_PORT)
        for item in kafka["spec"]["kafka"]["listeners"]:
            name = f"{item['name'].upper()}-{item['port']}"
            listeners[name] = item["port"]
            told[name] = advertised[node.pod, item["name"]]
    values: Object = {
        **allowed(kafka["spec"]["kafka"].get("config"), _FORBIDDEN, _ALLOWED),
        "node.id": node.number,
        "process.roles": ",".join(sorted(node.roles)),
        "controller.quorum.voters": ",".join(
            f"{item.number}@{component.host(headless, item.pod)}:{CONTROL_PORT}" for item in voters
        ),
        "controller.listener.names": _CONTROL,
        "listeners": ",".join(f"{name}://0.0.0.0:{number}" for name, number in listeners.items()),
        "listener.security.protocol.map": ",".join(
            f"{name}:PLAINTEXT" for name in dict.fromkeys([_CONTROL, _REPLICATION, *listeners])
        ),
        "log.dirs": ",".join(node.log_dirs),
    }
    if node.is_broker:
        values["inter.broker.listener.name"] = _REPLICATION
        values["advertised.listeners"] = ",".join(f"{name}://{host}:{number}" for name, (host, number) in told.items())
    return properties(values)


def claims(component: Component, node: Node) -> list[Object]:
    """What is to stay when the cluster goes is owned by nobody."""
    return [
        component.object(
            "PersistentVolumeClaim",
            f"{disk['name']}-{node.pod}",
            annotations={f"{LABEL}delete-claim": str(disk.get("deleteClaim", False)).lower()},
            owned=bool(disk.get("deleteClaim")),
            spec={
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": disk["size"]}},
                **({"storageClassName": disk["class"]} if disk.get("class") else {}),
            },
        )
        for disk in node.volumes
        if disk["type"] == "persistent-claim"
    ]


def broker_pod(kafka: Object, node: Node, component: Component, config: str) -> Object:
    spec = node.pool["spec"]
    jvm = spec.get("jvmOptions") or kafka["spec"]["kafka"].get("jvmOptions")
    start = java(jvm, ["kafka.Kafka", f"{CONFIG_FOLDER}/server.properties"])
    number = REPLICATION_PORT if node.is_broker else CONTROL_PORT
    mounts = [{"name": disk["name"], "mountPath": disk["path"]} for disk in node.volumes]
    container = {
        "name": "kafka",
        "image": kafka["spec"]["kafka"].get("image") or KAFKA_IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-ec", _START, "kafka", node.log_dirs[0], cluster_id(kafka), *start],
        "resources": spec.get("resources") or kafka["spec"]["kafka"].get("resources") or {},
        "readinessProbe": {"tcpSocket": {"port": number}, "periodSeconds": 2, "failureThreshold": 3},
        "volumeMounts": mounts,
    }
    template = Template({"template": spec.get("template") or kafka["spec"]["kafka"].get("template")}, "kafkaContainer")
    return pod(
        component,
        node.pod,
        f"{component.name}-brokers",
        template=template,
        container=container,
        volumes=[_volume(disk, node) for disk in node.volumes],
        init=_init(node, mounts),
        labels={
            f"{LABEL}pool-name": node.pool["metadata"]["name"],
            f"{LABEL}broker-role": str(node.is_broker).lower(),
            f"{LABEL}controller-role": str("controller" in node.roles).lower(),
        },
        revised=[config],
    )


def warnings(every: Sequence[Node]) -> list[Object]:
    """Those that the smallest cluster has, and every test therefore meets."""
    brokers = [node for node in every if node.is_broker]
    if len(brokers) == 1 and all(disk["type"] == "ephemeral" for disk in brokers[0].volumes):
        message = "A Kafka cluster with a single broker node and ephemeral storage will lose topic messages after "
        return [condition("Warning", "True", "KafkaStorage", f"{message}any restart or rolling update.")]
    return []


def _unsupported(what: str) -> Refused:
    return Refused(_INVALID, f"{what} is not supported by this stand-in for Strimzi's cluster operator, made for tests")


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


def told_listener(component: Component, listener: Object, given: Mapping[str, int | None], address: str) -> Object:
    if listener["type"] == "internal":
        host, number = component.host(f"{component.name}-bootstrap"), listener["port"]
    else:
        host, number = address, given[f"{component.name}-{listener['name']}-bootstrap"]
    return {
        "name": listener["name"],
        "addresses": [{"host": host, "port": number}],
        "bootstrapServers": f"{host}:{number}",
    }


def _volume(disk: Object, node: Node) -> Object:
    if disk["type"] == "persistent-claim":
        return {"name": disk["name"], "persistentVolumeClaim": {"claimName": f"{disk['name']}-{node.pod}"}}
    limit = {"sizeLimit": disk["sizeLimit"]} if disk.get("sizeLimit") else {}
    return {"name": disk["name"], "emptyDir": limit}


def _init(node: Node, mounts: Sequence[Object]) -> list[Object]:
    """Volumes of the test cluster's provisioner are root's, and `fsGroup` does not change them."""
    if all(disk["type"] == "ephemeral" for disk in node.volumes):
        return []
    command = ["chmod", "0777", *(mount["mountPath"] for mount in mounts)]
    return [
        {
            "name": "volumes",
            "image": KAFKA_IMAGE,
            "imagePullPolicy": "IfNotPresent",
            "command": command,
            "securityContext": {"runAsUser": 0, "runAsNonRoot": False},
            "volumeMounts": list(mounts),
        }
    ]
