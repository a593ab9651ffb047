# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Kubernetes API as this operator uses it: whole objects, as dictionaries, by kind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kubernetes import client, config

Object = dict[str, Any]

_STRIMZI = "apis/kafka.strimzi.io/v1"
_PATHS = {
    "ConfigMap": ("api/v1", "configmaps"),
    "Node": ("api/v1", "nodes"),
    "PersistentVolumeClaim": ("api/v1", "persistentvolumeclaims"),
    "Pod": ("api/v1", "pods"),
    "Secret": ("api/v1", "secrets"),
    "Service": ("api/v1", "services"),
    "StrimziPodSet": ("apis/core.strimzi.io/v1", "strimzipodsets"),
    "Kafka": (_STRIMZI, "kafkas"),
    "KafkaConnect": (_STRIMZI, "kafkaconnects"),
    "KafkaConnector": (_STRIMZI, "kafkaconnectors"),
    "KafkaNodePool": (_STRIMZI, "kafkanodepools"),
    "KafkaTopic": (_STRIMZI, "kafkatopics"),
    "KafkaUser": (_STRIMZI, "kafkausers"),
    "BuildConfig": ("apis/build.openshift.io/v1", "buildconfigs"),
    "Build": ("apis/build.openshift.io/v1", "builds"),
    "ImageStream": ("apis/image.openshift.io/v1", "imagestreams"),
}
_MANAGER = "strimzi-cluster-operator"
_TIMEOUT = 30


class ApiError(Exception):
    """:param code: of HTTP."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Api:
    def __init__(self) -> None:
        settings = client.Configuration()
        try:
            config.load_incluster_config(settings)  # type: ignore[no-untyped-call]
        except config.ConfigException:
            config.load_kube_config(client_configuration=settings)  # type: ignore[no-untyped-call]
        self._client = client.ApiClient(settings)

    def serves(self, kind: str) -> bool:
        try:
            self._request("GET", f"/{_PATHS[kind][0]}")
        except ApiError as error:
            if error.code == 404:
                return False
            raise
        return True

    def get(self, kind: str, namespace: str, name: str) -> Object | None:
        try:
            return self._request("GET", _path(kind, namespace, name))
        except ApiError as error:
            if error.code == 404:
                return None
            raise

    def list(self, kind: str, namespace: str = "", **labels: str) -> list[Object]:
        """:param labels: of Strimzi: ``cluster="a"`` is the label ``strimzi.io/cluster: a``."""
        selector = ",".join(f"strimzi.io/{key}={value}" for key, value in labels.items())
        items = self._request("GET", _path(kind, namespace), query={"labelSelector": selector} if selector else {})
        return list(items["items"])

    def apply(self, wanted: Mapping[str, Any]) -> Object:
        """Creates it, or makes the given fields so; fields that others set stay."""
        metadata = wanted["metadata"]
        return self._request(
            "PATCH",
            _path(wanted["kind"], metadata["namespace"], metadata["name"]),
            wanted,
            content="application/apply-patch+yaml",
            query={"fieldManager": _MANAGER, "force": "true"},
        )

    def create(self, wanted: Mapping[str, Any]) -> Object:
        return self._request("POST", _path(wanted["kind"], wanted["metadata"]["namespace"]), wanted)

    def patch(self, found: Object, change: Mapping[str, Any], part: str = "") -> Object:
        """:param part: ``status``, or nothing."""
        metadata = found["metadata"]
        path = _path(found["kind"], metadata["namespace"], metadata["name"]) + (f"/{part}" if part else "")
        return self._request("PATCH", path, change, content="application/merge-patch+json")

    def delete(self, kind: str, namespace: str, name: str) -> None:
        try:
            self._request("DELETE", _path(kind, namespace, name))
        except ApiError as error:
            if error.code != 404:
                raise

    def _request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        content: str = "application/json",
        query: Mapping[str, str] | None = None,
    ) -> Object:
        headers = {"Accept": "application/json", "Content-Type": content}
        call = self._client.param_serialize(
            method, path, query_params=list((query or {}).items()), header_params=headers, body=body,
            auth_settings=["BearerToken"],
        )  # fmt: skip
        answer = self._client.call_api(*call, _request_timeout=_TIMEOUT)
        text = answer.read()  # type: ignore[no-untyped-call]
        if answer.status >= 400:
            raise ApiError(answer.status, _message(text))
        return dict(json.loads(text))


def _path(kind: str, namespace: str, name: str = "") -> str:
    group, plural = _PATHS[kind]
    parts = ["", group, *(["namespaces", namespace] if namespace else []), plural, *([name] if name else [])]
    return "/".join(parts)


def _message(text: bytes) -> str:
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return text.decode(errors="replace")[:500]
