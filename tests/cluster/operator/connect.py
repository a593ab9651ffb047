# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A `KafkaConnect`: pure functions that build its objects, and the reconciliation that applies them."""

from __future__ import annotations

from collections.abc import Sequence

from tests.cluster.operator import builds, connection, connectors, pods
from tests.cluster.operator.api import Api, Object
from tests.cluster.operator.objects import (
    CONFIG_FOLDER,
    LOG4J,
    Component,
    Template,
    allowed,
    java,
    pod,
    port,
    properties,
)
from tests.cluster.operator.settings import KAFKA_IMAGE, KAFKA_VERSION
from tests.cluster.operator.status import Refused, unsupported

REST_PORT = 8083
_CONVERTER = "org.apache.kafka.connect.json.JsonConverter"
_FORBIDDEN = (
    "ssl.", "sasl.", "security.", "listeners", "plugin.path", "rest.", "bootstrap.servers",
    "consumer.interceptor.classes", "producer.interceptor.classes", "group.id", "config.storage.topic",
    "offset.storage.topic", "status.storage.topic",
)  # fmt: skip


def check(connect: Object) -> None:
    spec = connect["spec"]
    version = spec.get("version", KAFKA_VERSION)
    if version != KAFKA_VERSION:
        message = f"Unsupported Kafka.spec.kafka.version: {version}. Supported versions are: [{KAFKA_VERSION}]"
        raise Refused("UnsupportedKafkaVersionException", message)
    if spec.get("plugins"):
        raise unsupported("spec.plugins")
    connection.check(spec)
    if spec.get("build"):
        builds.check(spec)


def worker_properties(connect: Object, component: Component, name: str) -> str:
    spec = connect["spec"]
    return properties(
        {
            "key.converter": _CONVERTER,
            "value.converter": _CONVERTER,
            **allowed(spec.get("config"), _FORBIDDEN),
            **connection.settings(spec),
            "bootstrap.servers": spec["bootstrapServers"],
            "group.id": spec["groupId"],
            "config.storage.topic": spec["configStorageTopic"],
            "offset.storage.topic": spec["offsetStorageTopic"],
            "status.storage.topic": spec["statusStorageTopic"],
            "plugin.path": builds.PLUGINS,
            "listeners": f"http://0.0.0.0:{REST_PORT}",
            "rest.advertised.host.name": component.host(component.name, name),
            "rest.advertised.port": REST_PORT,
        }
    )


def services(component: Component) -> list[Object]:
    rest = port("rest-api", REST_PORT)
    return [component.headless(component.name, [rest]), component.service(f"{component.name}-api", [rest])]


def worker_pod(connect: Object, component: Component, name: str, revised: Sequence[object]) -> Object:
    spec = connect["spec"]
    is_built = bool(spec.get("build"))
    main = "org.apache.kafka.connect.cli.ConnectDistributed"
    probe = {"httpGet": {"path": "/", "port": REST_PORT}, "timeoutSeconds": 5}
    container = {
        "name": component.name,
        "image": spec.get("image") or KAFKA_IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "command": java(spec.get("jvmOptions"), [main, f"{CONFIG_FOLDER}/connect.properties"]),
        "ports": [{"name": "rest-api", "containerPort": REST_PORT, "protocol": "TCP"}],
        "resources": spec.get("resources") or {},
        "readinessProbe": {**probe, "periodSeconds": 2, "failureThreshold": 5},
        "livenessProbe": {**probe, "initialDelaySeconds": 60, "periodSeconds": 10, "failureThreshold": 6},
        "volumeMounts": [
            *connection.mounts(component, spec),
            *([{"name": "plugins", "mountPath": builds.PLUGINS}] if is_built else []),
        ],
    }
    return pod(
        component,
        name,
        component.name,
        template=Template(spec, "connectContainer"),
        container=container,
        volumes=[*connection.volumes(component, spec), *(builds.volumes(component) if is_built else [])],
        init=[builds.fetching(component, spec, "plugins")] if is_built else [],
        revised=revised,
    )


def reconcile(api: Api, connect: Object) -> Object:
    """:returns: what is told when it is ready, but for the condition."""
    check(connect)
    name, namespace, spec = connect["metadata"]["name"], connect["metadata"]["namespace"], connect["spec"]
    component = Component(connect, f"{name}-connect", "kafka-connect")
    secrets = connection.prepare(api, component, spec)
    for service in services(component):
        api.apply(service)
    annotations = {}
    if spec.get("build"):
        annotations = builds.run(api, component, spec, api.get("StrimziPodSet", namespace, component.name))
        api.apply(builds.config_map(component, spec))
    else:
        builds.clean(api, component)
    workers = []
    for number in range(spec["replicas"]):
        worker = f"{component.name}-{number}"
        config = worker_properties(connect, component, worker)
        api.apply(component.config_map(worker, {"connect.properties": config, "log4j2.properties": LOG4J}))
        workers.append(worker_pod(connect, component, worker, [config, annotations, secrets]))
    pods.sync(api, component, {component.name: workers}, annotations)
    return {
        "url": f"http://{component.host(f'{component.name}-api')}:{REST_PORT}",
        "replicas": spec["replicas"],
        "labelSelector": ",".join(f"{key}={value}" for key, value in component.selector.items()),
        **connectors.keep(api, connect),
    }
