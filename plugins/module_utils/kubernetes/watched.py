# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the newest state of some of a cluster's objects, as the API server tells of each change. Decides nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..errors import ApiError, PipelineError, Unauthorized, Unreachable
from .client import Cluster, Object, UnknownKind

_GONE, _TOO_MANY = 410, 429
#: Seconds from one attempt to the next. An API server that starts anew is away for a while, and nobody's fault.
_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
_END_SECONDS = 5.0
#: A watch is begun anew after this many seconds; a server may end it before.
_WATCH_SECONDS = 60.0


class Collection(NamedTuple):
    """Which objects: all of a kind in a namespace, or those that a selector chooses."""

    api_version: str
    kind: str
    namespace: str | None
    label_selector: str = ""
    field_selector: str = ""


class Watched:
    """To be closed; each collection has a thread of its own, which ends with the process at the latest.

    :param cluster: is closed with it.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._changed = threading.Condition()
        self._version = 0
        self._told = 0
        self._closed = threading.Event()
        self._threads: list[threading.Thread] = []
        self._objects: dict[Collection, dict[str, Object]] = {}
        self._errors: dict[Collection, PipelineError] = {}

    def add(self, collections: Iterable[Collection]) -> None:
        """Reads each at once, so that what is there is known when this returns; a second time it asks nothing.

        :raises PipelineError: what the API server says, or said.
        """
        for collection in collections:
            if collection in self._errors:
                raise self._errors[collection]
            if collection not in self._objects:
                try:
                    since = self._read(collection)
                except (Unauthorized, UnknownKind) as error:
                    self._errors[collection] = error
                    raise
                thread = threading.Thread(target=self._follow, args=(collection, since), daemon=True)
                self._threads.append(thread)
                thread.start()

    def objects(self, collection: Collection) -> dict[str, Object]:
        """By name.

        :raises PipelineError: why the API server can't be watched any more.
        """
        with self._changed:
            if collection in self._errors:
                raise self._errors[collection]
            return dict(self._objects[collection])

    def wait(self, seconds: float) -> None:
        """Returns at the first change since it returned before, and after ``seconds`` at the latest."""
        with self._changed:
            self._changed.wait_for(lambda: self._version != self._told, timeout=seconds)
            self._told = self._version

    def close(self) -> None:
        self._closed.set()
        self._cluster.close()
        for thread in self._threads:
            thread.join(_END_SECONDS)

    def _read(self, collection: Collection) -> str:
        api_version, kind, namespace, label_selector, field_selector = collection
        found, since = self._cluster.list_at(
            api_version, kind, namespace, label_selector=label_selector, field_selector=field_selector
        )
        self._note(collection, {one["metadata"]["name"]: one for one in found})
        return since

    def _follow(self, collection: Collection, since: str) -> None:
        failed = 0
        while not self._closed.is_set():
            began = time.monotonic()
            try:
                if not since:
                    since = self._read(collection)
                    failed = 0
                for what, one in self._watch(collection, since):
                    self._take(collection, what, one)
                    since = one["metadata"].get("resourceVersion", since)
            except PipelineError as error:
                failed += 1
                if failed > len(_PAUSES) or not _may_pass(error):
                    self._fail(collection, error)
                    return
                # What has changed meanwhile, the list tells.
                since = ""
            # A server that ends each watch at once is not asked without end.
            self._closed.wait(max(0.0, began + _PAUSES[max(0, failed - 1)] - time.monotonic()))

    def _watch(self, collection: Collection, since: str) -> Iterator[tuple[str, Object]]:
        api_version, kind, namespace, label_selector, field_selector = collection
        return self._cluster.watch(
            api_version,
            kind,
            namespace,
            since=since,
            seconds=_WATCH_SECONDS,
            label_selector=label_selector,
            field_selector=field_selector,
        )

    def _take(self, collection: Collection, what: str, one: Object) -> None:
        objects = dict(self._objects[collection])
        if what == "DELETED":
            objects.pop(one["metadata"]["name"], None)
        else:
            objects[one["metadata"]["name"]] = one
        self._note(collection, objects)

    def _note(self, collection: Collection, objects: dict[str, Object]) -> None:
        with self._changed:
            self._objects[collection] = objects
            self._version += 1
            self._changed.notify_all()

    def _fail(self, collection: Collection, error: PipelineError) -> None:
        with self._changed:
            self._errors[collection] = error
            self._version += 1
            self._changed.notify_all()


def _may_pass(error: PipelineError) -> bool:
    if isinstance(error, ApiError):
        return error.status in (_GONE, _TOO_MANY) or error.status >= 500
    return isinstance(error, Unreachable)
