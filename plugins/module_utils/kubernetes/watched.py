# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the newest state of some of a cluster's objects, as the API server tells of each change. Decides nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import NamedTuple

from ..errors import ApiError, PipelineError, Unreachable
from .client import Cluster, Object

_GONE = 410
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
    """To be closed; each collection has a thread of its own, which ends with the process at the latest."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._changed = threading.Condition()
        self._version = 0
        self._told = 0
        self._closed = False
        self._objects: dict[Collection, dict[str, Object]] = {}
        self._error: PipelineError | None = None

    def add(self, collections: Iterable[Collection]) -> None:
        """Reads each at once, so that what is there is known when this returns; a second time it does nothing.

        :raises PipelineError: what the API server says.
        """
        for collection in collections:
            if collection not in self._objects:
                since = self._read(collection)
                threading.Thread(target=self._follow, args=(collection, since), daemon=True).start()

    def objects(self, collection: Collection) -> dict[str, Object]:
        """By name.

        :raises PipelineError: why the API server can't be watched any more.
        """
        with self._changed:
            if self._error is not None:
                raise self._error
            return dict(self._objects[collection])

    def wait(self, seconds: float) -> None:
        """Returns at the first change since it returned before, and after ``seconds`` at the latest."""
        with self._changed:
            self._changed.wait_for(lambda: self._version != self._told, timeout=seconds)
            self._told = self._version

    def close(self) -> None:
        self._closed = True

    def _read(self, collection: Collection) -> str:
        api_version, kind, namespace, label_selector, field_selector = collection
        found, since = self._cluster.list_at(
            api_version, kind, namespace, label_selector=label_selector, field_selector=field_selector
        )
        self._note(collection, {one["metadata"]["name"]: one for one in found})
        return since

    def _follow(self, collection: Collection, since: str) -> None:
        silent = 0
        while not self._closed:
            try:
                since = self._follow_once(collection, since)
                silent = 0
            except Unreachable as error:
                # An API server that starts anew ends its watches; it is asked again before it counts as gone.
                silent += 1
                if silent > 3:
                    self._fail(error)
                    return
            except ApiError as error:
                if error.status != _GONE:
                    self._fail(error)
                    return
                since = ""
            except PipelineError as error:
                self._fail(error)
                return

    def _follow_once(self, collection: Collection, since: str) -> str:
        api_version, kind, namespace, label_selector, field_selector = collection
        if not since:
            since = self._read(collection)
        watch = self._cluster.watch(
            api_version,
            kind,
            namespace,
            since=since,
            seconds=_WATCH_SECONDS,
            label_selector=label_selector,
            field_selector=field_selector,
        )
        for what, one in watch:
            if self._closed:
                break
            objects = dict(self._objects[collection])
            if what == "DELETED":
                objects.pop(one["metadata"]["name"], None)
            else:
                objects[one["metadata"]["name"]] = one
            self._note(collection, objects)
            since = one["metadata"].get("resourceVersion", since)
        else:
            # What ended without an event may have ended for being too old: the list tells.
            since = ""
        return since

    def _note(self, collection: Collection, objects: dict[str, Object]) -> None:
        with self._changed:
            self._objects[collection] = objects
            self._version += 1
            self._changed.notify_all()

    def _fail(self, error: PipelineError) -> None:
        with self._changed:
            self._error = error
            self._version += 1
            self._changed.notify_all()
