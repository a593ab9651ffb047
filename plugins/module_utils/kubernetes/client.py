# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of a cluster, of whatever kind: read, watched, written. It decides nothing and waits for nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from ..errors import ApiError, NotFound, NotReady, PipelineError, UnexpectedAnswer, Unreachable, api_error
from ..http import Answer, ClosableHttpClient
from ..wait import wait_until
from .credentials import credentials

Object = dict[str, Any]
Objects = list[Object]
_API = "the Kubernetes API server"
_REQUEST_SECONDS = 30
# A watch without a change is silent; the server ends it at the time that it was asked for, or a little later.
_MARGIN_SECONDS = 10
_NO_SUCH_PAGE = "404 page not found"
_TOO_MANY = 429
_BUSY_SECONDS = 15.0


class UnknownKind(PipelineError):
    """The cluster serves no such kind."""


def cluster(params: Mapping[str, Any]) -> Cluster:
    """:param params: values of CONNECTION_SPEC; nothing is asked yet.

    :raises InvalidInput: when there is nothing to go by.
    """
    who = credentials(params)
    http = ClosableHttpClient(
        [who.url],
        api=_API,
        tls=who.tls,
        timeout=_REQUEST_SECONDS,
        headers=who.headers,
        proxy=who.proxy,
        gateway=_refusal,
    )
    return Cluster(http)


class Cluster:
    """What a request may raise: Unauthorized, Conflict and the like, with the API server's own words; Unreachable."""

    def __init__(self, http: ClosableHttpClient) -> None:
        self.url = http.urls[0]
        self._http = http
        self._paths: dict[tuple[str, str], tuple[str, bool]] = {}

    def close(self) -> None:
        """Ends what other threads watch, too, with Unreachable. Nothing is to be asked afterwards."""
        self._http.close()

    def get(self, api_version: str, kind: str, namespace: str | None, name: str) -> Object | None:
        """None when there is no such object.

        :raises UnknownKind: the cluster does not serve it.
        """
        try:
            return self._ask("GET", self.path(api_version, kind, namespace, name))
        except NotFound:
            return None

    def list(
        self,
        api_version: str,
        kind: str,
        namespace: str | None,
        *,
        label_selector: str = "",
        field_selector: str = "",
    ) -> Objects:
        found, _version = self.list_at(
            api_version, kind, namespace, label_selector=label_selector, field_selector=field_selector
        )
        return found

    def list_at(
        self,
        api_version: str,
        kind: str,
        namespace: str | None,
        *,
        label_selector: str = "",
        field_selector: str = "",
    ) -> tuple[Objects, str]:
        """With the resource version that a watch goes on from. The items of a list have no kind of their own."""
        query = _selectors(label_selector, field_selector)
        answer = self._ask("GET", self.path(api_version, kind, namespace), query=query)
        about = {"apiVersion": api_version, "kind": kind}
        return [{**about, **one} for one in answer.get("items") or ()], answer["metadata"].get("resourceVersion", "")

    def watch(
        self,
        api_version: str,
        kind: str,
        namespace: str | None,
        *,
        since: str,
        seconds: float,
        label_selector: str = "",
        field_selector: str = "",
    ) -> Iterator[tuple[str, Object]]:
        """ADDED, MODIFIED or DELETED with the object, as they come; ends after ``seconds`` or earlier.

        :raises ApiError: 410 when ``since`` is too long ago: what has changed is to be listed.
        """
        query = {
            **_selectors(label_selector, field_selector),
            "watch": "true",
            "resourceVersion": since,
            "timeoutSeconds": str(max(1, int(seconds))),
        }
        path = self.path(api_version, kind, namespace)
        for line in self._http.lines(path, query=query, timeout=seconds + _MARGIN_SECONDS):
            event = _event(line) if line else {}
            if event.get("type") == "ERROR":
                raise api_error("Watching", self.url + path, event["object"].get("code", 500), _said(event["object"]))
            if event.get("type") in ("ADDED", "MODIFIED", "DELETED"):
                yield event["type"], event["object"]

    def create(self, api_version: str, kind: str, namespace: str | None, body: Mapping[str, Any]) -> Object:
        return self._ask("POST", self.path(api_version, kind, namespace), body=body)

    def patch(
        self,
        api_version: str,
        kind: str,
        namespace: str | None,
        name: str,
        body: Any,
        *,
        content_type: str = "application/merge-patch+json",
    ) -> Object:
        """:raises Conflict: the body's resourceVersion is not the object's any more."""
        path = self.path(api_version, kind, namespace, name)
        return self._ask("PATCH", path, body=body, content_type=content_type)

    def would_apply(self, definition: Mapping[str, Any], *, field_manager: str, force: bool) -> Object:
        """What server-side apply would make of it; nothing is changed.

        :raises Conflict: another manager has other values for some of its fields.
        """
        meta = definition["metadata"]
        path = self.path(definition["apiVersion"], definition["kind"], meta.get("namespace"), meta["name"])
        query = {"dryRun": "All", "fieldManager": field_manager, "force": str(force).lower()}
        return self._ask("PATCH", path, query=query, body=definition, content_type="application/apply-patch+yaml")

    def delete(self, api_version: str, kind: str, namespace: str | None, name: str) -> bool:
        """False when it was not there. It may be there a while longer: finalizers are not waited for."""
        try:
            self._ask("DELETE", self.path(api_version, kind, namespace, name), body={"propagationPolicy": "Background"})
        except NotFound:
            return False
        return True

    def pod_log(self, namespace: str, pod: str, container: str, *, tail: int = 20, previous: bool = False) -> str:
        """Its last lines; empty when there are none to be had."""
        query = {"container": container, "tailLines": str(tail), "previous": str(previous).lower()}
        path = f"{self.path('v1', 'Pod', namespace, pod)}/log"
        try:
            lines = self._http.lines(path, query=query)
            return b"\n".join(lines).decode("utf-8", "replace")
        except PipelineError:
            return ""

    def document(self, path: str) -> Object:
        """The JSON at a path of the API server's own, such as /openapi/v3."""
        return self._ask("GET", path)

    def served(self, api_version: str) -> Mapping[str, tuple[str, bool]]:
        """The kinds of a group's version: their name in URLs, and whether they are in namespaces. Empty: not served."""
        path = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        try:
            resources = self._ask("GET", path).get("resources") or ()
        except NotFound:
            return {}
        return {one["kind"]: (one["name"], one["namespaced"]) for one in resources if "/" not in one["name"]}

    def path(self, api_version: str, kind: str, namespace: str | None, name: str | None = None) -> str:
        """:raises UnknownKind: the cluster does not serve it."""
        if (api_version, kind) not in self._paths:
            self._paths.update({(api_version, one): found for one, found in self.served(api_version).items()})
        if (api_version, kind) not in self._paths:
            raise UnknownKind(
                f"{self.url} serves no {kind} of {api_version}.",
                advice="Install the operator that brings it (role cluster_operator), or correct the version.",
            )
        plural, is_namespaced = self._paths[api_version, kind]
        root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        inside = f"/namespaces/{namespace}" if is_namespaced and namespace else ""
        return f"{root}{inside}/{plural}" + (f"/{name}" if name else "")

    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
    ) -> Object:
        def attempt() -> Answer:
            return self._http.request(method, path, query=query, body=body, content_type=content_type)

        try:
            answer = _again_while_busy(attempt)
        except UnexpectedAnswer as error:
            # Of a group that it does not serve, it says so in plain text.
            if error.details.get("status") == 404 and _NO_SUCH_PAGE in error.message:
                raise api_error(method, self.url + path, 404, _NO_SUCH_PAGE) from error
            raise
        if not isinstance(answer.data, dict):
            raise UnexpectedAnswer(
                f"{answer.url} answered with JSON that is no object.", advice="Is this a Kubernetes API server?"
            )
        return answer.data


def _again_while_busy(attempt: Callable[[], Answer]) -> Answer:
    """One that has too much to do, or does not know the objects of a new kind yet, did nothing of what was asked."""

    def look() -> tuple[Answer | None, str]:
        try:
            return attempt(), ""
        except ApiError as error:
            if error.status != _TOO_MANY:
                raise
            return None, error.excerpt

    with suppress(NotReady):
        return wait_until(look, what=_API, timeout=_BUSY_SECONDS, interval=0.1, longest_interval=4)
    # Its own words say why.
    return attempt()


# By the status that the API server refuses with.
ADVICE = {
    401: "Check the credentials of the kubeconfig.",
    403: "Give the account this right, or use another one.",
}


def _refusal(url: str, status: int, answer: Any) -> PipelineError | None:
    """In the API server's own words, which say who may not do what on what."""
    if not isinstance(answer, Mapping) or answer.get("kind") != "Status":
        return None
    said = f"{_said(answer).rstrip('.')}."
    return api_error("Asking", url, status, said, advice=ADVICE.get(status, ""))


def _said(status: Mapping[str, Any]) -> str:
    return str(status.get("message") or status.get("reason") or "no reason given")


def _event(line: bytes) -> Object:
    try:
        event: Object = json.loads(line)
    except ValueError as error:
        raise Unreachable(f"{_API} ended a watch in the middle of a line.") from error
    return event


def _selectors(label_selector: str, field_selector: str) -> dict[str, str]:
    given = {"labelSelector": label_selector, "fieldSelector": field_selector}
    return {name: value for name, value in given.items() if value}
