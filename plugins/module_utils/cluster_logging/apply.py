# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the pipeline's parts of a ClusterLogForwarder and has the operator judge them; what it refuses is taken back.

Somebody else who writes the forwarder at the same time is read again, and never overwritten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from ..errors import Conflict, InvalidInput, NotFound, NotReady, PipelineError
from ..kubernetes.client import Cluster, Object
from ..kubernetes.schema import problems, schema_of
from ..wait import wait_until
from . import observed
from .mark import Mark, mark_of
from .plan import Declared, Planned, declared_in, is_bare, patch, put, take_out

KIND = "ClusterLogForwarder"
_ATTEMPTS = 5
#: The operator looks at a change at once; by then it has said what it thinks of it.
_SETTLED_SECONDS = 15.0
_NO_CREATION = (
    "Name the one that is there, or have one made: name a service account (service_account) that may collect these logs"
    " (in Logging 6, it needs a binding to the cluster role collect-application-logs)."
)


@dataclass(frozen=True)
class Found:
    """A forwarder as it was read, and what has to become of it.

    :param forwarder: None when there is none; :param drops: whether all of it goes, since the pipeline has made it.
    """

    forwarder: Object | None
    planned: Planned
    body: Mapping[str, Any]
    drops: bool = False

    @property
    def spec(self) -> Mapping[str, Any]:
        return (self.forwarder or {}).get("spec") or {}

    @property
    def mark(self) -> Mark | None:
        return mark_of(self.forwarder)

    @property
    def changed(self) -> bool:
        return bool(self.body) or self.drops


@dataclass(frozen=True)
class Target:
    """:param declared: None when all that is the pipeline's has to go.
    :param service_account: for a forwarder that has to be made; "" when none may be.
    """

    cluster: Cluster
    api_version: str
    namespace: str
    name: str
    declared: Declared | None
    service_account: str
    timeout: float
    progress: Callable[[str], None]

    def __str__(self) -> str:
        return f"{KIND} {self.name} in namespace {self.namespace}"

    def read(self) -> Found:
        """:raises InvalidInput: it can't take the declaration."""
        forwarder = self._get()
        if self.declared is None:
            return _removal(forwarder)
        if forwarder is not None:
            return self._plan(forwarder, self.declared)
        if not self.service_account:
            raise InvalidInput(f"There is no {self}.", advice=_NO_CREATION)
        planned = put({}, Mark(created=True), self.declared)
        is_new_api = self.api_version.startswith("observability.")
        account = {"serviceAccount": {"name": self.service_account}} if is_new_api else {}
        old_account = {} if is_new_api else {"serviceAccountName": self.service_account}
        planned = Planned({**account, **old_account, **planned.spec}, planned.mark)
        found = Found(None, planned, {**patch({}, None, planned), "spec": planned.spec})
        self._compare({}, planned.spec)
        return found

    def write(self, found: Found) -> Found:
        """:returns: what was there when it was written.

        :raises Conflict: others write it all the time.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            if not found.changed:
                break
            try:
                self._send(found)
                break
            except Conflict:
                if attempt == _ATTEMPTS:
                    raise
                found = self.read()
        return found

    def wait(self, found: Found) -> None:
        """Until the operator has observed it.

        :raises NotReady: it refuses it, or says nothing; then it is as it was before. What was taken out stays out.
        """
        if self.declared is None:
            self._wait_for_absence(found)
            return
        try:
            self._wait_for_ready(found)
        except PipelineError as error:
            done = self._undo(found) if found.changed else "This run had changed nothing."
            raise NotReady(f"{error.message} {done}", **error.details) from error

    def _wait_for_ready(self, found: Found) -> None:
        began = monotonic()
        names = (found.planned.mark or Mark()).names

        def look() -> tuple[bool | None, str]:
            forwarder = self._get()
            if forwarder is None:
                raise NotReady(f"{self} is gone.")
            settled = not found.changed or monotonic() - began >= _SETTLED_SECONDS
            judgement = observed.judge(forwarder, names, found.forwarder, settled=settled)
            if judgement.failed:
                raise NotReady(f"The operator refuses {self}: {judgement.failed}.", reason=judgement.failed)
            return (True, "") if judgement.ready else (None, judgement.state)

        wait_until(look, what=f"the operator of {self}", timeout=self.timeout, progress=self.progress)

    def _wait_for_absence(self, found: Found) -> None:
        if not found.changed:
            return

        def look() -> tuple[bool | None, str]:
            forwarder = self._get()
            if forwarder is None:
                return True, ""
            left = [] if found.drops else observed.left_of(forwarder, (found.mark or Mark()).names)
            return (
                (None, f"its status still has {', '.join(left)}") if left else (not found.drops or None, "it is there")
            )

        try:
            wait_until(look, what=f"the operator of {self}", timeout=self.timeout, progress=self.progress)
        except NotReady as error:
            raise NotReady(
                f"{error.message} The pipeline's parts are out of it, and stay out: is the operator running?",
                **error.details,
            ) from error

    def _undo(self, found: Found) -> str:
        """What was done, in a sentence."""
        try:
            for attempt in range(1, _ATTEMPTS + 1):
                now = self._get()
                if now is None:
                    break
                try:
                    self._send(self._back(now, found))
                    break
                except Conflict:
                    if attempt == _ATTEMPTS:
                        raise
        except PipelineError as error:
            return f"Taking the change back did not end well: {error.message}"
        return f"It was taken back: {self.name} is {'gone again' if found.forwarder is None else 'as it was'}."

    def _back(self, now: Object, found: Found) -> Found:
        before = found.mark
        if before is None:
            return _removal(now)
        planned = put(now["spec"], mark_of(now), declared_in(found.spec, before))
        return Found(now, planned, patch(now["spec"], mark_of(now), planned))

    def _plan(self, forwarder: Object, declared: Declared) -> Found:
        mark = mark_of(forwarder)
        if mark is None and (reason := observed.is_invalid(forwarder)):
            raise InvalidInput(
                f"Nothing was changed: the operator refuses {self} as it is: {reason}.", advice="Set that right first."
            )
        spec = forwarder.get("spec") or {}
        planned = put(spec, mark, declared)
        self._compare(spec, planned.spec)
        return Found(forwarder, planned, patch(spec, mark, planned))

    def _compare(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """The API server drops a field that it does not know: with it would go what keeps the pipeline from a loop."""
        path = f"/openapi/v3/apis/{self.api_version}"
        try:
            document = self.cluster.document(path)
        except NotFound:
            return
        group, _slash, version = self.api_version.partition("/")
        schema = schema_of(document, group, version, KIND)
        if schema is None:
            return
        old = problems({"spec": before}, schema, document)
        if new := [one for one in problems({"spec": after}, schema, document) if one not in old]:
            raise InvalidInput(
                f"Nothing was sent: this cluster's {KIND} of {self.api_version} can't take it: {'; '.join(new)}.",
                problems=new,
            )

    def _get(self) -> Object | None:
        return self.cluster.get(self.api_version, KIND, self.namespace, self.name)

    def _send(self, found: Found) -> None:
        """:raises Conflict: somebody has written it since it was read."""
        where = (self.api_version, KIND, self.namespace)
        if found.drops:
            self.cluster.delete(*where, self.name)
        elif found.forwarder is None:
            metadata = {**found.body["metadata"], "name": self.name, "namespace": self.namespace}
            self.cluster.create(
                *where, {**found.body, "apiVersion": self.api_version, "kind": KIND, "metadata": metadata}
            )
        elif found.body:
            version = {"resourceVersion": found.forwarder["metadata"]["resourceVersion"]}
            self.cluster.patch(
                *where, self.name, {**found.body, "metadata": {**found.body.get("metadata", {}), **version}}
            )


def _removal(forwarder: Object | None) -> Found:
    if forwarder is None:
        return Found(None, Planned({}, None), {})
    mark, spec = mark_of(forwarder), forwarder.get("spec") or {}
    planned = take_out(spec, mark)
    drops = mark is not None and mark.created and is_bare(planned.spec)
    return Found(forwarder, Planned({}, None) if drops else planned, {} if drops else patch(spec, mark, planned), drops)
