# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A `KafkaUser`: its Secret, with a password that no broker asks for."""

from __future__ import annotations

import base64
import secrets

from tests.cluster.operator.api import Api, Object
from tests.cluster.operator.objects import LABEL, owner_reference
from tests.cluster.operator.status import Refused, Waiting, is_ready


def secret(user: Object, password: str) -> Object:
    metadata = user["metadata"]
    module = "org.apache.kafka.common.security.scram.ScramLoginModule"
    jaas = f'{module} required username="{metadata["name"]}" password="{password}";'
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
        "data": {"password": _encoded(password), "sasl.jaas.config": _encoded(jaas)},
    }


def reconcile(api: Api, user: Object) -> Object | None:
    """:returns: nothing when nobody is there to keep users."""
    name, namespace = user["metadata"]["name"], user["metadata"]["namespace"]
    cluster = user["metadata"].get("labels", {}).get(f"{LABEL}cluster", "")
    kafka = api.get("Kafka", namespace, cluster) if cluster else None
    if kafka is None or "userOperator" not in (kafka["spec"].get("entityOperator") or {}):
        return None
    if not is_ready(kafka):
        raise Waiting(f"Kafka resource {cluster} in namespace {namespace} to be ready")
    kind = ((user.get("spec") or {}).get("authentication") or {}).get("type", "scram-sha-512")
    if kind != "scram-sha-512":
        message = f"authentication of type {kind} is not supported by this stand-in, made for tests"
        raise Refused("InvalidResourceException", message)
    found = api.get("Secret", namespace, name)
    kept = base64.b64decode(((found or {}).get("data") or {}).get("password", "")).decode()
    api.apply(secret(user, kept or secrets.token_urlsafe(24)))
    return {"username": name, "secret": name}


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
