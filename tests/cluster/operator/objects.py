# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: the parts that the objects of a Kafka and of a Connect cluster have in common."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.cluster.operator.api import Object

LABEL = "strimzi.io/"
CONFIG_FOLDER = "/opt/kafka/custom-config"
LOG4J = """\
appender.console.type = Console
appender.console.name = STDOUT
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{yyyy-MM-dd HH:mm:ss} %-5p [%t] %c{1} - %m%n
rootLogger.level = INFO
rootLogger.appenderRefs = console
rootLogger.appenderRef.console.ref = STDOUT
"""
_HEAP = "512m"
_VERSIONS = {
    "Build": "build.openshift.io/v1",
    "BuildConfig": "build.openshift.io/v1",
    "StrimziPodSet": "core.strimzi.io/v1",
}


@dataclass(frozen=True)
class Component:
    """What owns the objects, and what their names begin with.

    :param name: <cluster>-kafka or <cluster>-connect.
    """

    owner: Object
    name: str
    kind: str

    @property
    def namespace(self) -> str:
        return str(self.owner["metadata"]["namespace"])

    @property
    def cluster(self) -> str:
        return str(self.owner["metadata"]["name"])

    @property
    def selector(self) -> dict[str, str]:
        return {f"{LABEL}cluster": self.cluster, f"{LABEL}kind": self.owner["kind"], f"{LABEL}name": self.name}

    def host(self, service: str, pod: str = "") -> str:
        return f"{pod}.{service}.{self.namespace}.svc" if pod else f"{service}.{self.namespace}.svc"

    def object(
        self,
        kind: str,
        name: str,
        *,
        labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None,
        owned: bool = True,
        **parts: Any,
    ) -> Object:
        metadata: Object = {
            "name": name,
            "namespace": self.namespace,
            "labels": {**self._labels(), **(labels or {})},
            "annotations": dict(annotations or {}),
        }
        if owned:
            metadata["ownerReferences"] = [owner_reference(self.owner)]
        return {"apiVersion": _VERSIONS.get(kind, "v1"), "kind": kind, "metadata": metadata, **parts}

    def service(
        self, name: str, ports: Sequence[Object], *, labels: Mapping[str, str] | None = None, **spec: Any
    ) -> Object:
        """:param labels: of the pods, beside those that all of the component's pods have."""
        selector = {**self.selector, **(labels or {})}
        return self.object("Service", name, spec={"ports": list(ports), "selector": selector, **spec})

    def headless(self, name: str, ports: Sequence[Object]) -> Object:
        """With the addresses of pods that are not ready: they must find each other to become it."""
        return self.service(name, ports, clusterIP="None", publishNotReadyAddresses=True)

    def config_map(self, name: str, data: Mapping[str, str]) -> Object:
        return self.object("ConfigMap", name, data=dict(data))

    def _labels(self) -> dict[str, str]:
        return {
            **self.owner["metadata"].get("labels", {}),
            **self.selector,
            f"{LABEL}component-type": self.kind,
            "app.kubernetes.io/name": self.kind,
            "app.kubernetes.io/instance": self.cluster,
            "app.kubernetes.io/part-of": f"strimzi-{self.cluster}",
            "app.kubernetes.io/managed-by": "strimzi-cluster-operator",
        }


@dataclass(frozen=True)
class Template:
    """What a user may say of pods: `template` of the resource.

    :param container: the key of its container: kafkaContainer or connectContainer.
    """

    spec: Mapping[str, Any]
    container: str
    _passed: Sequence[str] = field(
        default=("imagePullSecrets", "securityContext", "terminationGracePeriodSeconds", "affinity", "tolerations")
    )

    @property
    def pod(self) -> Object:
        return dict((self.spec.get("template") or {}).get("pod") or {})

    @property
    def metadata(self) -> Object:
        return dict(self.pod.get("metadata") or {})

    @property
    def volumes(self) -> list[Object]:
        return list(self.pod.get("volumes") or [])

    @property
    def pod_fields(self) -> Object:
        return {key: self.pod[key] for key in self._passed if key in self.pod}

    @property
    def container_fields(self) -> Object:
        return dict((self.spec.get("template") or {}).get(self.container) or {})


def owner_reference(owner: Object, *, controller: bool = False) -> Object:
    metadata = owner["metadata"]
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": metadata["name"],
        "uid": metadata["uid"],
        "controller": controller,
        "blockOwnerDeletion": False,
    }


def revision(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:8]


def kafka_id(number: uuid.UUID) -> str:
    """As Kafka writes such numbers."""
    return base64.urlsafe_b64encode(number.bytes).decode().rstrip("=")


def port(name: str, number: int) -> Object:
    return {"name": name, "port": number, "targetPort": number, "protocol": "TCP"}


def pod(
    component: Component,
    name: str,
    subdomain: str,
    *,
    template: Template,
    container: Object,
    volumes: Sequence[Object] = (),
    init: Sequence[Object] = (),
    labels: Mapping[str, str] | None = None,
    revised: Sequence[Any] = (),
) -> Object:
    """:param revised: what else, of another value, needs another pod."""
    fields = template.container_fields
    container = {
        **container,
        "env": list(fields.get("env") or []),
        "volumeMounts": [
            {"name": "config", "mountPath": CONFIG_FOLDER},
            *container.get("volumeMounts", []),
            *(fields.get("volumeMounts") or []),
        ],
    }
    spec: Object = {
        "hostname": name,
        "subdomain": subdomain,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        **template.pod_fields,
        "initContainers": list(init),
        "containers": [container],
        "volumes": [{"name": "config", "configMap": {"name": name}}, *volumes, *template.volumes],
    }
    metadata = template.metadata
    return component.object(
        "Pod",
        name,
        labels={**(metadata.get("labels") or {}), f"{LABEL}pod-name": name, **(labels or {})},
        annotations={
            **(metadata.get("annotations") or {}),
            f"{LABEL}revision": revision(spec, metadata, list(revised)),
        },
        spec=spec,
    )


def java(jvm: Mapping[str, Any] | None, main: Sequence[str]) -> list[str]:
    """The command line of a program of Kafka's."""
    jvm = jvm or {}
    heap = jvm.get("-Xmx", _HEAP)
    flags = [
        f"-XX:{'+' if value == 'true' else '-'}{name}" if value in {"true", "false"} else f"-XX:{name}={value}"
        for name, value in ((name, str(value).lower()) for name, value in (jvm.get("-XX") or {}).items())
    ]
    properties = [f"-D{item['name']}={item['value']}" for item in jvm.get("javaSystemProperties") or []]
    return [
        "java",
        f"-Xms{jvm.get('-Xms', '128m')}",
        f"-Xmx{heap}",
        *flags,
        f"-Dlog4j2.configurationFile={CONFIG_FOLDER}/log4j2.properties",
        *properties,
        "-cp",
        "/opt/kafka/libs/*",
        *main,
    ]


def properties(values: Mapping[str, Any]) -> str:
    return "".join(f"{key}={_text(value)}\n" for key, value in sorted(values.items()))


def allowed(given: Mapping[str, Any] | None, forbidden: Sequence[str], but: Sequence[str] = ()) -> Object:
    """Without the options that Strimzi takes out in silence, because they are its own.

    :param forbidden: what their names begin with.
    """
    return {
        key: value
        for key, value in (given or {}).items()
        if key in but or not any(key.startswith(prefix) for prefix in forbidden)
    }


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
