# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at one resource: what it should be is made so as far as possible now, and its status told."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from tests.cluster.operator import connect, connectors, kafka, status, topics, users
from tests.cluster.operator.api import Api, ApiError, Object
from tests.cluster.operator.settings import OPERATION_MS, RESYNC_SECONDS

# For tests of those who must cope with it: "<Reason>: <message>".
FAIL = "loggy.test/fail"
_PAUSE = "strimzi.io/pause-reconciliation"
_SOON = 2.0
_LATER = 10.0

_log = logging.getLogger(__name__)

RECONCILE: Mapping[str, Callable[[Api, Object], Object | None]] = {
    "Kafka": kafka.reconcile,
    "KafkaConnect": connect.reconcile,
    "KafkaConnector": connectors.reconcile,
    "KafkaTopic": topics.reconcile,
    "KafkaUser": users.reconcile,
}


class Key(NamedTuple):
    kind: str
    namespace: str
    name: str


class Steps:
    def __init__(self, api: Api) -> None:
        self._api = api
        self._waits: dict[Key, tuple[int, float]] = {}

    def step(self, key: Key) -> float | None:
        """:returns: seconds until the next is due at the latest; nothing when the resource is gone."""
        try:
            resource = self._api.get(*key)
            if resource is None:
                self._waits.pop(key, None)
                return None
            return self._look(key, resource)
        except ApiError as error:
            # Somebody was faster, or the API server is away for a moment: both are known at the next look.
            _log.warning("%s: %s", key, error)
            return _SOON

    def _look(self, key: Key, resource: Object) -> float:
        annotations = resource["metadata"].get("annotations", {})
        is_going = "deletionTimestamp" in resource["metadata"]
        if is_going and key.kind != "KafkaTopic":
            return RESYNC_SECONDS
        if annotations.get(_PAUSE) == "true":
            return self._tell(resource, status.paused(resource), RESYNC_SECONDS)
        if FAIL in annotations and not is_going:
            reason, _, message = annotations[FAIL].partition(":")
            return self._tell(resource, status.refused(resource, reason.strip(), message.strip()), RESYNC_SECONDS)
        first = status.creating(resource)
        if first is not None:
            resource = self._api.patch(resource, {"status": first}, "status")
        try:
            fields = RECONCILE[key.kind](self._api, resource)
        except status.Waiting as what:
            return self._wait(key, resource, str(what))
        except status.Refused as error:
            return self._refuse(key, resource, error.reason, str(error))
        except ApiError as error:
            if error.code in {404, 409} or error.code >= 500:
                raise
            return self._refuse(key, resource, "KubernetesClientException", str(error))
        except Exception as error:
            # As Strimzi does it: whatever goes wrong is told by its class.
            _log.exception("%s", key)
            return self._refuse(key, resource, type(error).__name__, str(error))
        self._waits.pop(key, None)
        if fields is None:
            return _SOON
        return self._tell(resource, status.ready(resource, fields), RESYNC_SECONDS)

    def _wait(self, key: Key, resource: Object, what: str) -> float:
        """The status stays that of before, until it has taken too long."""
        generation = resource["metadata"]["generation"]
        since = self._waits.get(key)
        if since is None or since[0] != generation:
            since = self._waits[key] = (generation, time.monotonic())
        if (time.monotonic() - since[1]) * 1000 < OPERATION_MS or key.kind in {"KafkaTopic", "KafkaUser"}:
            return _SOON
        message = f"Exceeded timeout of {OPERATION_MS}ms while waiting for {what}"
        return self._tell(resource, status.refused(resource, "StrimziTimeoutException", message), _SOON)

    def _refuse(self, key: Key, resource: Object, reason: str, message: str) -> float:
        self._waits.pop(key, None)
        return self._tell(resource, status.refused(resource, reason, message), _LATER)

    def _tell(self, resource: Object, wanted: Object, again: float) -> float:
        if status.is_news(resource, wanted):
            last = wanted["conditions"][-1]
            metadata = resource["metadata"]
            _log.info("%s %s/%s: %s", resource["kind"], metadata["namespace"], metadata["name"], last)
            self._api.patch(resource, {"status": wanted}, "status")
        return again
