# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Strimzi writes into a status, and the two ways in which a reconciliation ends before its end."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from tests.cluster.operator.api import Object

_CREATING = {"Kafka": "Kafka cluster is being deployed", "KafkaConnect": "Kafka Connect cluster is being deployed"}
# The topic operator tells a failure otherwise than all the others.
_FAILED = {"KafkaTopic": ("Ready", "False")}


class Waiting(Exception):
    """For this: "Pods resource a in namespace b to be ready"."""


class Refused(Exception):
    """:param reason: the name of the exception that Strimzi would raise."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def unsupported(what: str) -> Refused:
    message = f"{what} is not supported by this stand-in for Strimzi's cluster operator, made for tests"
    return Refused("InvalidResourceException", message)


def creating(resource: Object) -> Object | None:
    """The first status, without a generation, of those kinds that have one while they have none."""
    message = _CREATING.get(resource["kind"])
    if message is None or resource.get("status"):
        return None
    return {"conditions": [condition("NotReady", "True", "Creating", message)]}


def ready(resource: Object, fields: Object) -> Object:
    """:param fields: the rest of the status; warnings under ``conditions`` stay before the one that matters."""
    return _status(resource, fields, condition("Ready", "True"))


def refused(resource: Object, reason: str, message: str) -> Object:
    kind, value = _FAILED.get(resource["kind"], ("NotReady", "True"))
    return _status(resource, {}, condition(kind, value, reason, message))


def paused(resource: Object) -> Object:
    return _status(resource, {}, condition("ReconciliationPaused", "True"))


def condition(kind: str, value: str, reason: str = "", message: str = "") -> Object:
    told = {"type": kind, "status": value, "reason": reason, "message": message, "lastTransitionTime": _now()}
    return {key: text for key, text in told.items() if text}


def is_news(resource: Object, wanted: Object) -> bool:
    """Whether more than the times would change."""
    found = resource.get("status") or {}
    return any(_without_times(found.get(key)) != _without_times(value) for key, value in wanted.items())


def is_ready(resource: Object | None) -> bool:
    conditions = ((resource or {}).get("status") or {}).get("conditions") or []
    return any(item["type"] == "Ready" and item["status"] == "True" for item in conditions)


def _status(resource: Object, fields: Object, last: Object) -> Object:
    conditions = [*fields.get("conditions", []), last]
    return {**fields, "conditions": conditions, "observedGeneration": resource["metadata"]["generation"]}


def _without_times(value: Any) -> Any:
    text = json.dumps(value, sort_keys=True)
    return json.loads(text, object_hook=lambda item: {k: v for k, v in item.items() if k != "lastTransitionTime"})


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
