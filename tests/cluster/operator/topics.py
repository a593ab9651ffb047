# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A `KafkaTopic`, as Strimzi's topic operator keeps it: it asks the brokers, and they decide."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from tests.cluster.operator.admin import admin_client
from tests.cluster.operator.api import Api, Object
from tests.cluster.operator.objects import LABEL, kafka_id
from tests.cluster.operator.status import Refused, Waiting, condition, is_ready

FINALIZER = "strimzi.io/topic-operator"
_UNKNOWN_TOPIC = 3
_NAME = "strimzi-topic-operator"


def topic_name(topic: Object) -> str:
    return str((topic.get("spec") or {}).get("topicName") or topic["metadata"]["name"])


def check(topic: Object, others: list[Object]) -> None:
    """:param others: of the same Kafka; of two for one topic the older one has it."""
    told = (topic.get("status") or {}).get("topicName")
    if told and told != topic_name(topic):
        raise Refused("NotSupported", "Changing spec.topicName is not supported")
    made = topic["metadata"]["creationTimestamp"], topic["metadata"]["uid"]
    for other in others:
        metadata = other["metadata"]
        if topic_name(other) == topic_name(topic) and (metadata["creationTimestamp"], metadata["uid"]) < made:
            message = f"Managed by Ref{{namespace='{metadata['namespace']}', name='{metadata['name']}'}}"
            raise Refused("ResourceConflict", message)


def config_changes(wanted: Mapping[str, Any], found: Mapping[str, str]) -> dict[str, tuple[str, str | None]]:
    """:param found: what was set for this topic, and is not a default."""
    texts = {key: _text(value) for key, value in wanted.items()}
    changed = {key: ("SET", text) for key, text in texts.items() if found.get(key) != text}
    return {**changed, **{key: ("DELETE", None) for key in found if key not in texts}}


def reconcile(api: Api, topic: Object) -> Object | None:
    """:returns: nothing when nobody is there to keep topics: the resource then stays as it is."""
    namespace = topic["metadata"]["namespace"]
    cluster = topic["metadata"].get("labels", {}).get(f"{LABEL}cluster", "")
    kafka = api.get("Kafka", namespace, cluster) if cluster else None
    if kafka is None or "topicOperator" not in (kafka["spec"].get("entityOperator") or {}):
        return None
    if not is_ready(kafka):
        raise Waiting(f"Kafka resource {cluster} in namespace {namespace} to be ready")
    is_managed = topic["metadata"].get("annotations", {}).get(f"{LABEL}managed") != "false"
    if "deletionTimestamp" in topic["metadata"]:
        _remove(api, topic, kafka, is_managed=is_managed)
        return None
    if not is_managed:
        return {"conditions": [condition("Unmanaged", "True")]}
    _set_finalizer(api, topic, present=True)
    check(topic, api.list("KafkaTopic", namespace, cluster=cluster))
    with admin_client(api, kafka, _NAME) as admin:
        return {"topicName": topic_name(topic), "topicId": _ensure(admin, topic_name(topic), topic.get("spec") or {})}


def _ensure(admin: KafkaAdminClient, name: str, spec: Mapping[str, Any]) -> str:
    """:returns: the topic's id."""
    found = _describe(admin, name)
    if found is None:
        wanted = {
            "num_partitions": spec.get("partitions") or -1,
            "replication_factor": spec.get("replicas") or -1,
            "configs": {key: _text(value) for key, value in (spec.get("config") or {}).items()},
        }
        _done(admin.create_topics({name: wanted}, raise_errors=False)["topics"][0])
        admin.wait_for_topics([name])
        return _id(_describe(admin, name) or {})
    _ensure_replicas(found, spec)
    _ensure_partitions(admin, name, found, spec)
    _ensure_config(admin, name, spec)
    return _id(found)


def _ensure_replicas(found: Object, spec: Mapping[str, Any]) -> None:
    other = [
        item["partition_index"]
        for item in found["partitions"]
        if spec.get("replicas") and len(item["replica_nodes"]) != spec["replicas"]
    ]
    if other:
        message = f"Replication factor change not supported, but required for partitions {sorted(other)}"
        raise Refused("NotSupported", message)


def _ensure_partitions(admin: KafkaAdminClient, name: str, found: Object, spec: Mapping[str, Any]) -> None:
    has, wants = len(found["partitions"]), spec.get("partitions") or 0
    if wants > has:
        answer = admin.create_partitions({name: wants}, raise_errors=False)
        _done(answer.results[0].to_dict())
    elif wants and wants < has:
        raise Refused("NotSupported", "Decreasing partitions not supported")


def _ensure_config(admin: KafkaAdminClient, name: str, spec: Mapping[str, Any]) -> None:
    told = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)], config_filter="modified")
    found = {key: item["value"] for key, item in told["topic"][name].items()}
    changes = config_changes(spec.get("config") or {}, found)
    if changes:
        resource = ConfigResource(ConfigResourceType.TOPIC, name, changes)
        answer = admin.alter_configs([resource], raise_on_unknown=False)
        said = answer["topic"][name]
        if said != "OK":
            raise Refused("KafkaError", said)


def _describe(admin: KafkaAdminClient, name: str) -> Object | None:
    found = admin.describe_topics([name])[0]
    if found["error_code"] == _UNKNOWN_TOPIC:
        return None
    _done(found)
    return dict(found)


def _id(found: Object) -> str:
    return kafka_id(uuid.UUID(str(found["topic_id"]))) if found.get("topic_id") else ""


def _done(answer: Mapping[str, Any]) -> None:
    if answer["error_code"]:
        raise Refused("KafkaError", str(answer.get("error_message") or f"error {answer['error_code']}"))


def _remove(api: Api, topic: Object, kafka: Object, *, is_managed: bool) -> None:
    """The finalizer goes when the topic is gone; without its Kafka, never, as in Strimzi."""
    if FINALIZER not in topic["metadata"].get("finalizers", []):
        return
    others = api.list("KafkaTopic", topic["metadata"]["namespace"], cluster=kafka["metadata"]["name"])
    try:
        check(topic, others)
    except Refused:
        is_managed = False
    if is_managed:
        with admin_client(api, kafka, _NAME) as admin:
            answer = admin.delete_topics([topic_name(topic)], raise_errors=False)["topics"][0]
            if answer["error_code"] != _UNKNOWN_TOPIC:
                _done(answer)
    _set_finalizer(api, topic, present=False)


def _set_finalizer(api: Api, topic: Object, *, present: bool) -> None:
    """With the version that was read: finalizers of others must not get lost."""
    metadata = topic["metadata"]
    others = [name for name in metadata.get("finalizers", []) if name != FINALIZER]
    wanted = [*others, FINALIZER] if present else others
    if wanted != metadata.get("finalizers", []):
        change = {"metadata": {"finalizers": wanted, "resourceVersion": metadata["resourceVersion"]}}
        api.patch(topic, change)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
