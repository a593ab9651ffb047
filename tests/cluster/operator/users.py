# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A `KafkaUser`, as Strimzi's user operator keeps it: its Secret, and in Kafka its password and what it may do."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
    UserScramCredentialUpsertion,
)
from kafka.errors import NoError

from tests.cluster.operator import trust
from tests.cluster.operator.admin import admin_client
from tests.cluster.operator.api import Api, Object
from tests.cluster.operator.listeners import SCRAM, SCRAM_MODULE
from tests.cluster.operator.objects import LABEL, owner_reference
from tests.cluster.operator.status import Refused, Waiting, is_ready, unsupported

_NAME = "strimzi-user-operator"
_PATTERNS = {"literal": ACLResourcePatternType.LITERAL, "prefix": ACLResourcePatternType.PREFIXED}
_TYPES = {
    "topic": ResourceType.TOPIC,
    "group": ResourceType.GROUP,
    "cluster": ResourceType.CLUSTER,
    "transactionalId": ResourceType.TRANSACTIONAL_ID,
}


def secret(user: Object, password: str) -> Object:
    metadata = user["metadata"]
    jaas = f'{SCRAM_MODULE} required username="{metadata["name"]}" password="{password}";'
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            "labels": {**metadata.get("labels", {}), f"{LABEL}kind": "KafkaUser"},
            "ownerReferences": [owner_reference(user)],
        },
        "type": "Opaque",
        "data": trust.encoded({"password": password, "sasl.jaas.config": jaas}),
    }


def acls(user: Object) -> set[ACL]:
    return set(_acls(user))


def reconcile(api: Api, user: Object) -> Object | None:
    """:returns: nothing when nobody is there to keep users."""
    name, namespace, spec = user["metadata"]["name"], user["metadata"]["namespace"], user.get("spec") or {}
    cluster = user["metadata"].get("labels", {}).get(f"{LABEL}cluster", "")
    kafka = api.get("Kafka", namespace, cluster) if cluster else None
    if kafka is None or "userOperator" not in (kafka["spec"].get("entityOperator") or {}):
        return None
    if not is_ready(kafka):
        raise Waiting(f"Kafka resource {cluster} in namespace {namespace} to be ready")
    kind = (spec.get("authentication") or {}).get("type", SCRAM)
    if kind != SCRAM:
        raise unsupported(f"authentication of type {kind}")
    is_authorizing = bool(kafka["spec"]["kafka"].get("authorization"))
    if spec.get("authorization") and not is_authorizing:
        message = "Simple authorization ACL rules are configured but not supported in the Kafka cluster configuration."
        raise Refused("InvalidResourceException", message)
    password = trust.data(api, namespace, name).get("password") or secrets.token_urlsafe(24)
    api.apply(secret(user, password))
    with admin_client(api, kafka, _NAME) as admin:
        said = admin.alter_user_scram_credentials([UserScramCredentialUpsertion(name, SCRAM, password)])
        _done(name, said[name])
        if is_authorizing:
            _ensure_acls(admin, name, acls(user))
    return {"username": name, "secret": name}


def _ensure_acls(admin: KafkaAdminClient, name: str, wanted: set[ACL]) -> None:
    every = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
    mine = ACLFilter(f"User:{name}", None, ACLOperation.ANY, ACLPermissionType.ANY, every)
    found = set(admin.describe_acls(mine)[0])
    if wanted - found:
        for reason in admin.create_acls(list(wanted - found))["failed"]:
            _done(name, reason.__name__)
    if found - wanted:
        for acl, _removed, reason in admin.delete_acls(list(found - wanted)):
            _done(name, "" if reason is NoError else f"{acl}: {reason.__name__}")


def _acls(user: Object) -> Iterator[ACL]:
    for rule in ((user.get("spec") or {}).get("authorization") or {}).get("acls") or []:
        resource = rule["resource"]
        pattern = ResourcePattern(
            _TYPES[resource["type"]],
            "kafka-cluster" if resource["type"] == "cluster" else resource["name"],
            _PATTERNS[resource.get("patternType", "literal")],
        )
        permission = ACLPermissionType[rule.get("type", "allow").upper()]
        for operation in rule["operations"]:
            # Strimzi writes them in Java's manner: DescribeConfigs.
            named = ACLOperation[re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation).upper()]
            yield ACL(f"User:{user['metadata']['name']}", rule.get("host", "*"), named, permission, pattern)


def _done(name: str, reason: str | None) -> None:
    if reason:
        raise Refused("KafkaError", f"{name}: {reason}")
