# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: the objects of a `Kafka` and its node pools, and what is refused of them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from tests.cluster.operator import listeners, trust
from tests.cluster.operator.api import Object
from tests.cluster.operator.listeners import CONTROL, CONTROL_PORT, REPLICATION, REPLICATION_PORT, Addresses
from tests.cluster.operator.nodes import Node
from tests.cluster.operator.objects import (
    CONFIG_FOLDER,
    LABEL,
    Component,
    Template,
    allowed,
    java,
    kafka_id,
    pod,
    properties,
)
from tests.cluster.operator.settings import KAFKA_IMAGE, KAFKA_VERSION
from tests.cluster.operator.status import Refused, condition, unsupported

CERTIFICATES = "/opt/kafka/broker-certs"
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


def check(kafka: Object, pools: Sequence[Object]) -> None:
    name = kafka["metadata"]["name"]
    spec = kafka["spec"]["kafka"]
    version = spec.get("version", KAFKA_VERSION)
    if version != KAFKA_VERSION:
        message = f"Unsupported Kafka.spec.kafka.version: {version}. Supported versions are: [{KAFKA_VERSION}]"
        raise Refused("UnsupportedKafkaVersionException", message)
    listeners.check(spec["listeners"])
    kind = (spec.get("authorization") or {}).get("type", "simple")
    if kind != "simple":
        raise unsupported(f"authorization of type {kind}")
    if not pools:
        raise Refused("InvalidConfigurationException", f"No KafkaNodePools found for Kafka cluster {name}")
    for role in ("controller", "broker"):
        if not any(role in pool["spec"]["roles"] and pool["spec"]["replicas"] for pool in pools):
            message = f"At least one KafkaNodePool with the {role} role and at least one replica is required"
            raise Refused(_INVALID, f"The Kafka cluster {name} is invalid: [{message} when KRaft mode is enabled]")


def cluster_id(kafka: Object) -> str:
    """Once told it stays; else it follows from the resource, so that no step needs to remember one."""
    told = (kafka.get("status") or {}).get("clusterId")
    return str(told or kafka_id(uuid.UUID(kafka["metadata"]["uid"])))


def server_properties(
    kafka: Object, node: Node, every: Sequence[Node], component: Component, advertised: Addresses
) -> str:
    spec = kafka["spec"]["kafka"]
    headless = f"{component.name}-brokers"
    voters = [item for item in every if "controller" in item.roles]
    ports: dict[str, int] = {}
    told: dict[str, tuple[str, int]] = {}
    if "controller" in node.roles:
        ports[CONTROL] = CONTROL_PORT
    if node.is_broker:
        ports[REPLICATION] = REPLICATION_PORT
        told[REPLICATION] = (component.host(headless, node.pod), REPLICATION_PORT)
        for item in spec["listeners"]:
            ports[listeners.label(item)] = item["port"]
            told[listeners.label(item)] = advertised[node.pod, item["name"]]
    values: Object = {
        **allowed(spec.get("config"), _FORBIDDEN, _ALLOWED),
        **listeners.security(spec["listeners"], CERTIFICATES, f"node/{trust.KEYSTORE}"),
        **_authorization(spec.get("authorization"), component),
        "node.id": node.number,
        "process.roles": ",".join(sorted(node.roles)),
        "controller.quorum.voters": ",".join(
            f"{item.number}@{component.host(headless, item.pod)}:{CONTROL_PORT}" for item in voters
        ),
        "controller.listener.names": CONTROL,
        "listeners": ",".join(f"{name}://0.0.0.0:{number}" for name, number in ports.items()),
        "log.dirs": ",".join(node.log_dirs),
    }
    if node.is_broker:
        values["inter.broker.listener.name"] = REPLICATION
        values["advertised.listeners"] = ",".join(f"{name}://{host}:{number}" for name, (host, number) in told.items())
    return properties(values)


def _authorization(asked: Object | None, component: Component) -> dict[str, str]:
    if not asked:
        return {}
    others = [f"User:{name}" for name in asked.get("superUsers") or []]
    return {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": ";".join([*trust.superusers(component), *others]),
    }


def broker_pod(kafka: Object, node: Node, component: Component, revised: Sequence[str]) -> Object:
    """:param revised: what it reads when it starts."""
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
        "volumeMounts": [*mounts, *_certificate_mounts()],
    }
    template = Template({"template": spec.get("template") or kafka["spec"]["kafka"].get("template")}, "kafkaContainer")
    return pod(
        component,
        node.pod,
        f"{component.name}-brokers",
        template=template,
        container=container,
        volumes=[*(_volume(disk, node) for disk in node.volumes), *_certificate_volumes(node)],
        init=_init(node, mounts),
        labels={
            f"{LABEL}pool-name": node.pool["metadata"]["name"],
            f"{LABEL}broker-role": str(node.is_broker).lower(),
            f"{LABEL}controller-role": str("controller" in node.roles).lower(),
        },
        revised=revised,
    )


def warnings(every: Sequence[Node]) -> list[Object]:
    """Those that the smallest cluster has, and every test therefore meets."""
    brokers = [node for node in every if node.is_broker]
    if len(brokers) == 1 and all(disk["type"] == "ephemeral" for disk in brokers[0].volumes):
        message = "A Kafka cluster with a single broker node and ephemeral storage will lose topic messages after "
        return [condition("Warning", "True", "KafkaStorage", f"{message}any restart or rolling update.")]
    return []


def _volume(disk: Object, node: Node) -> Object:
    if disk["type"] == "persistent-claim":
        return {"name": disk["name"], "persistentVolumeClaim": {"claimName": f"{disk['name']}-{node.pod}"}}
    limit = {"sizeLimit": disk["sizeLimit"]} if disk.get("sizeLimit") else {}
    return {"name": disk["name"], "emptyDir": limit}


def _certificate_mounts() -> list[Object]:
    return [
        {"name": name, "mountPath": f"{CERTIFICATES}/{folder}", "readOnly": True}
        for name, folder in (("certificate", "node"), ("cluster-ca", "cluster-ca"))
    ]


def _certificate_volumes(node: Node) -> list[Object]:
    authority = trust.authority_secret(node.cluster, "cluster-ca")
    return [
        {"name": "certificate", "secret": {"secretName": node.pod}},
        {"name": "cluster-ca", "secret": {"secretName": authority}},
    ]


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
