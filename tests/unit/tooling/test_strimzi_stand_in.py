# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stand-in for Strimzi's operator makes of TLS, users and what they may do."""

from __future__ import annotations

import base64
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ACLResourcePatternType, ResourcePattern, ResourceType

from tests.cluster.operator import brokers, certificates, connect, connection, kafka, listeners, trust, users
from tests.cluster.operator.api import Object
from tests.cluster.operator.nodes import nodes
from tests.cluster.operator.objects import Component
from tests.cluster.operator.status import Refused, Waiting

SCRAM = {"type": "scram-sha-512"}
EXTERNAL = {
    "name": "external",
    "port": 9094,
    "type": "nodeport",
    "tls": True,
    "authentication": SCRAM,
    "configuration": {
        "bootstrap": {"alternativeNames": ["192.0.2.1"]},
        "brokers": [{"broker": 0, "advertisedHost": "first.example.com"}],
    },
}
LISTENERS = [{"name": "plain", "port": 9092, "type": "internal", "tls": False}, EXTERNAL]
POOL: dict[str, Any] = {
    "metadata": {"name": "dual"},
    "spec": {"replicas": 2, "roles": ["broker"], "storage": {"type": "ephemeral"}},
}
TRUSTED = {"trustedCertificates": [{"secretName": "ca", "pattern": "*.crt"}]}
WHO = {**SCRAM, "username": "me", "passwordSecret": {"secretName": "me", "password": "password"}}


def thing(kind: str, **spec: Any) -> Object:
    metadata = {"name": "mine", "namespace": "here", "uid": "00000000-0000-0000-0000-000000000001"}
    return {"apiVersion": "kafka.strimzi.io/v1", "kind": kind, "metadata": metadata, "spec": spec}


class Objects:
    """An API that keeps what it is given, in one namespace. Nobody is behind it: no pod becomes ready by itself."""

    def __init__(self, **texts: dict[str, str]) -> None:
        self.found: dict[tuple[str, str], Object] = {}
        for name, data in texts.items():
            self.put({"kind": "Secret", "metadata": {"name": name}, "data": trust.encoded(data)})

    def put(self, one: Object) -> Object:
        metadata = {"labels": {}, "generation": 1, "uid": one["metadata"]["name"], **one["metadata"]}
        self.found[one["kind"], metadata["name"]] = kept = {**one, "metadata": metadata}
        return kept

    apply = create = put

    def get(self, kind: str, _namespace: str, name: str) -> Object | None:
        return self.found.get((kind, name))

    def list(self, kind: str, _namespace: str = "", **labels: str) -> list[Object]:
        wanted = {f"strimzi.io/{key}": value for key, value in labels.items()}
        return [
            one
            for (of, _), one in self.found.items()
            if of == kind and wanted.items() <= one["metadata"]["labels"].items()
        ]

    def patch(self, found: Object, change: Object, _part: str = "") -> Object:
        return self.put({**found, **change})

    def delete(self, kind: str, _namespace: str, name: str) -> None:
        self.found.pop((kind, name), None)

    def serves(self, _kind: str) -> bool:
        return False

    def text(self, name: str, key: str) -> str:
        return base64.b64decode(self.found["Secret", name]["data"][key]).decode()

    def make_ready(self) -> None:
        for pod in self.list("Pod"):
            self.put({**pod, "status": {"conditions": [{"type": "Ready", "status": "True"}]}})


@pytest.fixture
def cluster() -> Object:
    return thing("Kafka", kafka={"listeners": LISTENERS, "authorization": {"type": "simple", "superUsers": ["boss"]}})


@pytest.fixture
def component(cluster: Object) -> Component:
    return Component(cluster, "mine-kafka", "kafka")


def reconciled(api: Any, reconcile: Callable[[Any, Object], Object | None], resource: Object) -> Object:
    """What is told once its pods are ready."""
    with pytest.raises(Waiting, match="to be ready"):
        reconcile(api, resource)
    api.make_ready()
    return reconcile(api, resource) or {}


def settings(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines())


def test_each_listener_is_as_safe_as_it_is_declared(cluster: Object, component: Component) -> None:
    every = nodes(cluster, [POOL])
    places = listeners.advertised(
        component, LISTENERS, every, {"mine-dual-external-0": 1, "mine-dual-external-1": 2}, ""
    )
    said = settings(brokers.server_properties(cluster, every[0], every, component, places))
    assert said["listener.security.protocol.map"].split(",") == [
        "CONTROLPLANE-9090:SSL",
        "REPLICATION-9091:SSL",
        "PLAIN-9092:PLAINTEXT",
        "EXTERNAL-9094:SASL_SSL",
    ]
    asking = {key for key, value in said.items() if key.endswith("ssl.client.auth") and value == "required"}
    assert asking == {
        "listener.name.controlplane-9090.ssl.client.auth",
        "listener.name.replication-9091.ssl.client.auth",
    }
    assert said["listener.name.external-9094.sasl.enabled.mechanisms"] == "SCRAM-SHA-512"
    assert said["super.users"].split(";") == [
        "User:CN=mine-kafka,O=io.strimzi",
        "User:CN=cluster-operator,O=io.strimzi",
        "User:boss",
    ]


def test_a_certificate_is_good_for_the_names_that_the_resource_gives(component: Component, cluster: Object) -> None:
    first, second = (listeners.certificate_names(component, LISTENERS, node) for node in nodes(cluster, [POOL]))
    assert {"mine-kafka-bootstrap.here.svc", "mine-dual-0.mine-kafka-brokers.here.svc", "192.0.2.1"} <= set(first)
    assert "first.example.com" in first
    assert "first.example.com" not in second


def test_a_client_that_trusts_the_authority_knows_the_broker_by_its_names(tmp_path: Path) -> None:
    authority = certificates.authority("cluster-ca")
    signed = certificates.sign(authority, "mine-kafka", ["localhost", "127.0.0.1"])
    (tmp_path / trust.KEYSTORE).write_text(signed.keystore, encoding="utf-8")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / trust.KEYSTORE)
    client = ssl.create_default_context(cadata=authority.certificate)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    for name in ("localhost", "127.0.0.1"):
        ours, theirs = socket.socketpair()
        answering = threading.Thread(target=lambda end=theirs: server.wrap_socket(end, server_side=True).close())
        answering.start()
        with client.wrap_socket(ours, server_hostname=name) as encrypted:
            subject = [part for one in encrypted.getpeercert()["subject"] for part in one]  # type: ignore[index]
        answering.join()
        assert subject == [("organizationName", "io.strimzi"), ("commonName", "mine-kafka")]


def test_authorities_are_kept_and_a_certificate_until_its_names_change(component: Component) -> None:
    api: Any = Objects()
    authority = trust.authority(api, component, "cluster-ca")
    assert trust.authority(api, component, "cluster-ca") == authority
    assert api.text("mine-cluster-ca-cert", "ca.crt") == authority.certificate
    assert "ca.key" not in api.found["Secret", "mine-cluster-ca-cert"]["data"]
    stamp = trust.node_certificate(api, component, "mine-dual-0", authority, ["a"])
    made = api.text("mine-dual-0", trust.KEYSTORE)
    assert trust.node_certificate(api, component, "mine-dual-0", authority, ["a"]) == stamp
    assert api.text("mine-dual-0", trust.KEYSTORE) == made
    assert trust.node_certificate(api, component, "mine-dual-0", authority, ["a", "b"]) != stamp
    assert api.text("mine-dual-0", trust.KEYSTORE) != made


def test_what_a_user_may_is_what_kafka_is_told() -> None:
    rules = [
        {"resource": {"type": "topic", "name": "a-", "patternType": "prefix"}, "operations": ["DescribeConfigs"]},
        {"resource": {"type": "cluster"}, "operations": ["IdempotentWrite"], "host": "h", "type": "deny"},
    ]
    prefix = ResourcePattern(ResourceType.TOPIC, "a-", ACLResourcePatternType.PREFIXED)
    cluster = ResourcePattern(ResourceType.CLUSTER, "kafka-cluster", ACLResourcePatternType.LITERAL)
    assert users.acls(thing("KafkaUser", authorization={"type": "simple", "acls": rules})) == {
        ACL("User:mine", "*", ACLOperation.DESCRIBE_CONFIGS, ACLPermissionType.ALLOW, prefix),
        ACL("User:mine", "h", ACLOperation.IDEMPOTENT_WRITE, ACLPermissionType.DENY, cluster),
    }


@pytest.mark.parametrize(
    ("spec", "protocol"),
    [
        ({}, None),
        ({"tls": {}}, "SSL"),
        ({"authentication": WHO}, "SASL_PLAINTEXT"),
        ({"tls": TRUSTED, "authentication": WHO}, "SASL_SSL"),
    ],
)
def test_a_worker_and_its_connectors_reach_the_brokers_as_declared(spec: Object, protocol: str | None) -> None:
    said = connection.settings(spec)
    assert [said.get(f"{prefix}security.protocol") for prefix in ("", "producer.", "consumer.", "admin.")] == [
        protocol
    ] * 4


def test_a_workers_password_stays_in_its_secret_and_another_one_makes_another_pod() -> None:
    connect = thing("KafkaConnect", tls=TRUSTED, authentication=WHO, config={"config.providers": "env"})
    component = Component(connect, "mine-connect", "kafka-connect")
    stamps = []
    for password in ("first", "second"):
        api: Any = Objects(ca={"ca.crt": "PEM", "ca.p12": "other"}, me={"password": password})
        stamps.append(connection.prepare(api, component, connect["spec"]))
        assert api.text("mine-connect-tls-trusted-certs", "ca.crt") == "PEM"
        assert password not in str(stamps)
    assert stamps[0] != stamps[1]
    said = connection.settings(connect["spec"])
    assert "${strimzidir:/opt/kafka/connect-password:password}" in said["sasl.jaas.config"]
    assert said["config.providers"] == "env,strimzidir"


@pytest.mark.parametrize(
    ("secrets", "message"),
    [
        ({}, "Secret ca not found in namespace here"),
        ({"ca": {"ca.crt": "PEM"}}, "Secret me not found in namespace here"),
        ({"ca": {"ca.crt": "PEM"}, "me": {"pass": "x"}}, r"Items with key\(s\) \[password\] are missing in Secret me"),
    ],
)
def test_a_secret_that_is_missing_is_named_as_strimzi_does(secrets: dict[str, dict[str, str]], message: str) -> None:
    connect = thing("KafkaConnect", tls=TRUSTED, authentication=WHO)
    api: Any = Objects(**secrets)
    with pytest.raises(Refused, match=message) as refused:
        connection.prepare(api, Component(connect, "mine-connect", "kafka-connect"), connect["spec"])
    assert refused.value.reason == "InvalidConfigurationException"


def test_a_kafka_gets_its_secrets_before_its_pods_and_tells_whom_to_trust(cluster: Object) -> None:
    api: Any = Objects()
    node = {"type": "InternalIP", "address": "192.0.2.1"}
    api.put({"kind": "Node", "metadata": {"name": "only"}, "status": {"addresses": [node]}})
    pool = {**POOL, "spec": {**POOL["spec"], "roles": ["controller", "broker"]}}
    labels = {"strimzi.io/cluster": "mine"}
    api.put({**pool, "kind": "KafkaNodePool", "metadata": {"name": "dual", "namespace": "here", "labels": labels}})
    for service in ("mine-kafka-external-bootstrap", "mine-dual-external-0", "mine-dual-external-1"):
        api.put({"kind": "Service", "metadata": {"name": service}})
    told = {one["name"]: one.get("certificates") for one in reconciled(api, kafka.reconcile, cluster)["listeners"]}
    assert told == {"plain": None, "external": [api.text("mine-cluster-ca-cert", "ca.crt")]}
    pods = api.list("Pod")
    assert [pod["metadata"]["name"] for pod in pods] == ["mine-dual-0", "mine-dual-1"]
    mounted = {one["secret"]["secretName"] for pod in pods for one in pod["spec"]["volumes"] if "secret" in one}
    assert mounted == {"mine-dual-0", "mine-dual-1", "mine-cluster-ca-cert"}
    secrets = {one["metadata"]["name"] for one in api.list("Secret")}
    authorities = {f"mine-{name}-ca{end}" for name in ("cluster", "clients") for end in ("", "-cert")}
    assert secrets == {"mine-dual-0", "mine-dual-1", "mine-cluster-operator-certs", *authorities}
    # One broker less: its certificate goes with it.
    api.put({**pool, "kind": "KafkaNodePool", "metadata": {"name": "dual", "namespace": "here", "labels": labels}})
    found = api.found["KafkaNodePool", "dual"]
    api.put({**found, "spec": {**found["spec"], "replicas": 1}, "status": {"nodeIds": [0, 1]}})
    for _ in range(3):
        with suppress(Waiting):
            kafka.reconcile(api, cluster)
        api.make_ready()
    assert "mine-dual-1" not in {one["metadata"]["name"] for one in api.list("Secret")}


def test_a_worker_mounts_the_secrets_that_its_settings_name() -> None:
    spec = {"replicas": 1, "bootstrapServers": "b:9093", "groupId": "g", "tls": TRUSTED, "authentication": WHO}
    topics = {f"{name}StorageTopic": name for name in ("config", "offset", "status")}
    api: Any = Objects(ca={"ca.crt": "PEM"}, me={"password": "first"})
    reconciled(api, connect.reconcile, thing("KafkaConnect", **spec, **topics))
    (pod,) = api.list("Pod")
    secrets = {one["name"]: one["secret"]["secretName"] for one in pod["spec"]["volumes"] if "secret" in one}
    assert secrets == {"certificates": "mine-connect-tls-trusted-certs", "password": "me"}
    paths = {one["name"]: one["mountPath"] for one in pod["spec"]["containers"][0]["volumeMounts"]}
    said = settings(api.found["ConfigMap", "mine-connect-0"]["data"]["connect.properties"])
    assert said["ssl.truststore.location"] == f"{paths['certificates']}/ca.crt"
    assert f"${{strimzidir:{paths['password']}:password}}" in said["producer.sasl.jaas.config"]
