# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows from the profile of Kafka: replicas, how this host reaches the brokers, and whom Connect waits for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.run_play import run_play_well

CLUSTER = {"loggy_platform": "kubernetes"}
SECURED = {"tls": True, "authentication": {"type": "scram-sha-512"}}
OWN = [{"name": "mine", "port": 9094, "type": "nodeport", **SECURED}, {"name": "safe", "port": 9095, "tls": True}]
TOLD = [
    {"name": "tls", "bootstrapServers": "my-cluster-kafka-bootstrap.loggy.svc:9093", "certificates": ["PEM"]},
    {"name": "external", "bootstrapServers": "192.0.2.1:31000"},
    {"name": "mine", "bootstrapServers": "192.0.2.1:32000", "certificates": ["PEM"]},
    {"name": "safe", "bootstrapServers": "192.0.2.1:33000", "certificates": ["PEM", "OTHER"]},
]
VARIANTS: dict[str, dict[str, Any]] = {
    "local": {},
    "small": CLUSTER,
    "production": {**CLUSTER, "kafka_profile": "production"},
    "own": {**CLUSTER, "kafka_profile": "production", "kafka_listeners": OWN, "kafka_client_listener": "mine"},
    "safe": {**CLUSTER, "kafka_listeners": OWN, "kafka_client_listener": "safe"},
}
SEEN = {"objects": [{"status": {"listeners": TOLD}}]}
SECRET = {"resources": [{"data": {"password": "c2VjcmV0"}}]}


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("production")
    content = (
        "{{ {'topics': kafka_topics, 'addresses': _kafka_client_addresses, 'connection': _kafka_client_connection, "
        "'waits': _connect_waits_for_kafka} | to_json }}"
    )
    given = {"_kafka_seen": SEEN, "_kafka_client_secret": SECRET}
    roles = [{"ansible.builtin.import_role": {"name": f"loggy.pipeline.{role}"}} for role in ("kafka", "connect")]
    play = {
        # Those that run nothing bring the roles' variables.
        "tasks": [
            *({**role, "when": False} for role in roles),
            *(
                {
                    "ansible.builtin.copy": {"content": content, "dest": str(folder / name)},
                    "vars": {**given, **variables},
                }
                for name, variables in VARIANTS.items()
            ),
        ],
    }
    run_play_well(folder, play)
    return {name: json.loads((folder / name).read_text(encoding="utf-8")) for name in VARIANTS}


def test_a_topic_has_as_many_replicas_as_must_have_a_record(rendered: dict[str, dict[str, Any]]) -> None:
    found = {name: [topic["replication_factor"] for topic in said["topics"]] for name, said in rendered.items()}
    assert found == {"local": [1], "small": [1], "production": [3], "own": [3], "safe": [1]}


def test_connect_waits_for_the_secrets_of_kafkas_operators_where_it_needs_them(
    rendered: dict[str, dict[str, Any]],
) -> None:
    found = {name for name, said in rendered.items() if said["waits"]}
    assert found == {"production", "own"}


@pytest.mark.parametrize(
    ("name", "addresses", "connection"),
    [
        ("small", ["192.0.2.1:31000"], {"security_protocol": "PLAINTEXT"}),
        ("safe", ["192.0.2.1:33000"], {"security_protocol": "SSL", "ca_content": "PEM\nOTHER"}),
        (
            "production",
            ["my-cluster-kafka-bootstrap.loggy.svc:9093"],
            {
                "security_protocol": "SASL_SSL",
                "ca_content": "PEM",
                "sasl_mechanism": "SCRAM-SHA-512",
                "username": "loggy-verify",
                "password": "secret",
            },
        ),
    ],
)
def test_this_host_reaches_the_brokers_as_the_listener_says(
    rendered: dict[str, dict[str, Any]], name: str, addresses: list[str], connection: dict[str, str]
) -> None:
    assert rendered[name]["addresses"] == addresses
    assert rendered[name]["connection"] == connection


def test_another_listener_is_reached_by_its_own_address(rendered: dict[str, dict[str, Any]]) -> None:
    assert rendered["own"]["addresses"] == ["192.0.2.1:32000"]
    assert rendered["own"]["connection"]["security_protocol"] == "SASL_SSL"
