# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The profile for production, in a namespace of its own: TLS, users and ACLs, three of each, on volumes.

It is as the profile has it, but for the size of its nodes and a listener that this host can reach.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import NotFound, Unauthorized, Unreachable
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.client import consumer_client
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.options import Connection
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.probe import reachable_servers
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.records import open_topic
from kafka import KafkaProducer
from kafka.errors import TopicAuthorizationFailedError

from tests.cluster import node
from tests.e2e_cluster.objects import all_objects, kubectl
from tests.pipeline import Pipeline, Run

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

NAMESPACE = "loggy-production"
CONNECTS_OWN = "loggy-connect-configs"
USERS = ("loggy-connect", "loggy-verify")
SCRAM = {"type": "scram-sha-512"}
SECURITY = ("security_protocol", "ssl_context", "sasl_mechanism", "sasl_plain_username", "sasl_plain_password")


def pool(role: str) -> dict[str, Any]:
    storage = {"type": "persistent-claim", "size": "1Gi", "deleteClaim": False}
    heap = {"-Xms": "96m", "-Xmx": "256m"}
    return {"name": role, "replicas": 3, "roles": [role], "storage": storage, "jvmOptions": heap}


def listeners() -> list[dict[str, Any]]:
    """The profile's own, and one on the node's ports, whose address has to be in the certificates."""
    (only,) = kubectl("get", "nodes")["items"]
    address = next(one["address"] for one in only["status"]["addresses"] if one["type"] == "InternalIP")
    named = {"bootstrap": {"alternativeNames": [address]}}
    secured = {"tls": True, "authentication": SCRAM}
    return [
        {"name": "tls", "port": 9093, "type": "internal", **secured},
        {"name": "external", "port": 9094, "type": "nodeport", **secured, "configuration": named},
    ]


@dataclass
class Production:
    """:param before: what the cluster had; :param outputs: what the runs wrote."""

    pipeline: Pipeline
    before: set[str]
    outputs: list[str] = field(default_factory=list)

    def playbook(self, name: str, *arguments: str, **variables: Any) -> Run:
        run = self.pipeline.playbook(name, *arguments, **variables)
        self.outputs.append(run.output)
        return run


@pytest.fixture(scope="module")
def production(built: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """Its operator is that of the other pipeline, which sees every namespace from now on."""
    built.variables["cluster_operator_watched_namespaces"] = ["*"]
    built.playbook("site").expect_success()
    folder = tmp_path_factory.mktemp("production")
    shared = ("loggy_kubernetes_connection", "loggy_elasticsearch_urls", "connect_plugins_image")
    variables = {
        **{name: built.variables[name] for name in shared},
        "loggy_namespace": NAMESPACE,
        "loggy_instance": "production",
        "loggy_index": "production-${topic}-${yyyy.MM.dd}",
        "loggy_report_dir": str(folder / "reports"),
        "loggy_cache_dir": str(folder / "cache"),
        "cluster_operator_source": "present",
        "cluster_operator_purge_namespace": True,
        "kafka_profile": "production",
        "kafka_node_pools": [pool("controller"), pool("broker")],
        "kafka_listeners": listeners(),
        "kafka_client_listener": "external",
        "kafka_purge_volumes": True,
        "kafka_wait_timeout": 400,
        "connect_wait_timeout": 240,
        "connect_heap": "384m",
    }
    made = Production(
        Pipeline(folder / "state", variables, ports={}, inventory="inventories/kubernetes"), all_objects()
    )
    made.playbook("site").expect_success()
    service = kubectl("-n", NAMESPACE, "get", "service", "src-connector")
    variables["loggy_forward_host"] = service["spec"]["clusterIP"]
    yield made
    made.playbook("purge")


def secret(name: str, key: str) -> str:
    data = kubectl("-n", NAMESPACE, "get", "secret", name)["data"]
    return base64.b64decode(data[key]).decode()


def client(**changes: Any) -> Connection:
    """As who verifies, by the listener for this host."""
    (kafka,) = kubectl("-n", NAMESPACE, "get", "kafkas")["items"]
    (external,) = [one for one in kafka["status"]["listeners"] if one["name"] == "external"]
    (address,) = external["addresses"]
    settings = {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "username": "loggy-verify",
        "password": secret("loggy-verify", "password"),
        "ca_content": secret("my-cluster-cluster-ca-cert", "ca.crt"),
    }
    return Connection(((address["host"], address["port"]),), **{**settings, **changes})


def expect_arrival(production: Production, *arguments: str) -> None:
    run = production.playbook("verify-loggy", *arguments).expect_success()
    assert "Loggy arrived." in run.output
    folder = Path(production.pipeline.variables["loggy_report_dir"])
    report = json.loads((folder / "commute.json").read_text(encoding="utf-8"))
    found = {stop["name"]: stop["found"] for stop in report["stops"] if stop["name"] in ("topic", "index")}
    assert found == {"topic": 101, "index": 101}


def test_loggy_arrives_by_tls_and_as_users_who_may_no_more_than_they_need(production: Production) -> None:
    expect_arrival(production, "-vvv")
    pods = kubectl("-n", NAMESPACE, "get", "pods", "-l", "strimzi.io/kind=Kafka")["items"]
    assert len(pods) == 6
    (topic,) = kubectl("-n", NAMESPACE, "get", "kafkatopics")["items"]
    assert topic["spec"]["replicas"] == 3
    assert {one["metadata"]["name"] for one in kubectl("-n", NAMESPACE, "get", "kafkausers")["items"]} == set(USERS)


def test_a_second_run_changes_nothing(production: Production) -> None:
    assert production.playbook("site").expect_success().changed == 0
    assert production.playbook("site", "--check", "--diff").expect_success().changed == 0


@pytest.mark.parametrize(
    ("changes", "refusal", "reason"),
    [
        ({"security_protocol": "SSL"}, Unreachable, r"wants SASL \(SCRAM-SHA-512\)"),
        ({"security_protocol": "PLAINTEXT"}, Unreachable, "security_protocol"),
        ({"password": "wrong"}, Unauthorized, "invalid credentials"),
        ({"username": "nobody"}, Unauthorized, "invalid credentials"),
        ({"ca_content": None}, Unreachable, "its certificate is not trusted"),
    ],
    ids=["nobody", "in_the_clear", "wrong_password", "unknown_user", "unknown_authority"],
)
def test_who_is_not_known_is_not_let_in(
    production: Production, changes: dict[str, Any], refusal: type[Exception], reason: str
) -> None:
    assert reachable_servers(client())
    with pytest.raises(refusal, match=reason):
        reachable_servers(client(**changes))


def test_who_verifies_reads_the_topic_and_no_other_and_writes_none(production: Production) -> None:
    who = client()
    with open_topic(who, "output_tag") as reader:
        assert set(reader.end_offsets()) == {0, 1, 2}
    # Who may not see a topic is told that it is not there.
    with pytest.raises(NotFound, match="give this user the ACL to Describe it"), open_topic(who, CONNECTS_OWN):
        pytest.fail("the topic of Connect's own is open to who verifies")
    with consumer_client(who) as consumer:
        settings = {key: consumer.config[key] for key in SECURITY}
    producer = KafkaProducer(bootstrap_servers=who.addresses, enable_idempotence=False, **settings)
    try:
        with pytest.raises(TopicAuthorizationFailedError):
            producer.send("output_tag", b"( Loggy ) :D").get(timeout=20)
    finally:
        producer.close(timeout=1)


def test_without_one_of_the_brokers_loggy_still_arrives(production: Production) -> None:
    brokers = kubectl("-n", NAMESPACE, "get", "pods", "-l", "strimzi.io/broker-role=true")["items"]
    name = brokers[0]["metadata"]["name"]
    node.kubectl("-n", NAMESPACE, "delete", "pod", name)
    expect_arrival(production)
    # Its operator makes it anew.
    node.kubectl("-n", NAMESPACE, "wait", "--for=condition=Ready", f"pod/{name}", "--timeout=180s")


def test_no_password_is_in_what_the_runs_wrote(production: Production) -> None:
    folder = Path(production.pipeline.variables["loggy_report_dir"]).parent
    written = [path.read_text(encoding="utf-8", errors="replace") for path in folder.rglob("*") if path.is_file()]
    logs = [
        node.kubectl("-n", NAMESPACE, "logs", "--tail=-1", "-l", f"strimzi.io/kind={kind}")
        for kind in ("Kafka", "KafkaConnect")
    ]
    objects = node.kubectl("-n", NAMESPACE, "get", "configmaps,pods,strimzipodsets,kafkaconnects", "-o", "yaml")
    assert len(production.outputs) >= 4
    for user in USERS:
        password = secret(user, "password")
        assert len(password) >= 16
        assert not [text for text in (*production.outputs, *written, *logs, objects) if password in text]


def test_purge_keeps_the_volumes_unless_told_and_then_leaves_nothing(production: Production) -> None:
    kept = {"kafka_purge_volumes": False, "cluster_operator_purge_namespace": False}
    production.playbook("purge", **kept).expect_success()
    assert len(kubectl("-n", NAMESPACE, "get", "persistentvolumeclaims")["items"]) == 6
    assert kubectl("-n", NAMESPACE, "get", "kafkas,kafkaconnects,kafkausers,kafkatopics")["items"] == []
    production.playbook("purge").expect_success()
    # Volumes are taken away by who provided them, some time after their claims.
    end = time.monotonic() + 60
    while (left := all_objects()) != production.before and time.monotonic() < end:
        time.sleep(1)
    assert left == production.before
    assert production.playbook("purge").expect_success().changed == 0
