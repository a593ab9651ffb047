# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the keys and rolls the pods; what does not come up is put back as it was.

Somebody else who writes the ConfigMap at the same time is read again, and never overwritten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..errors import Conflict, InvalidInput, NotReady, PipelineError
from ..kubernetes.client import Cluster, Object
from ..kubernetes.conditions import judge
from ..redact import without
from . import store
from .backup import Backup, existed
from .plan import File, Texts, after, digest, obstacles, originals, plan, put_back
from .rollout import Words, Workload, configuration_of, uids

_ATTEMPTS = 5
_STAYS_OUT = "The pipeline's part is out of the ConfigMap, and stays out: the next run goes on from here."


@dataclass(frozen=True)
class Found:
    """A ConfigMap as it was read, and what has to become of it.

    :param config_map: None when there is none; :param kept: the backup's texts, None when there is no backup.
    :param configuration: what the pods have to be started with; None for one without the pipeline.
    """

    config_map: Object | None
    data: Mapping[str, str]
    kept: Texts | None
    changes: Texts
    configuration: str | None


@dataclass(frozen=True)
class Target:
    """:param files: what is declared; none when the pipeline's part has to go."""

    cluster: Cluster
    namespace: str
    name: str
    files: Sequence[File]
    backup: Backup
    workload: Workload
    min_ready: float
    timeout: float
    progress: Callable[[str], None]

    def read(self) -> Found:
        """:raises InvalidInput: the ConfigMap can't take the declaration."""
        config_map = self._get()
        if config_map is None and self.files:
            raise InvalidInput(
                f"There is no ConfigMap {self.name} in namespace {self.namespace}.",
                advice="Name the one that holds Fluentd's configuration.",
            )
        data, kept = _data(config_map), self.backup.read()
        changes = plan(data, self.files, existed(kept))
        if reasons := obstacles(config_map or {}, changes):
            raise InvalidInput(f"ConfigMap {self.name} can't be changed: {'; '.join(reasons)}.", reasons=reasons)
        keys = [file.key for file in self.files]
        return Found(config_map, data, kept, changes, digest(after(data, changes), keys) if keys else None)

    def write(self, found: Found) -> Found:
        """Keeps the originals before.

        :returns: what was there when it was written.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            if not found.changes:
                break
            try:
                if self.files:
                    self.backup.keep(originals(found.data, found.changes))
                self._patch(found.config_map, found.changes)
                break
            except Conflict:
                if attempt == _ATTEMPTS:
                    raise
                found = self.read()
        return found

    def roll(self, workload: Object, found: Found, *, rolls: bool) -> None:
        """:param workload: as it was before this run.
        :param rolls: whether there are pods to replace; else they are only waited for.

        :raises NotReady: the pods do not come up. What was declared absent is not put back: it is the way out.
        """
        was = configuration_of(workload)
        try:
            stale: frozenset[str] = frozenset()
            if was != found.configuration:
                self.workload.annotate(found.configuration)
            elif found.changes:
                # The template stays the same, so that nothing else replaces pods that were started with other texts.
                stale = uids(self.workload.list_pods(workload))
            # Pods that mount a ConfigMap that is gone can't start, whatever is waited for.
            if found.config_map is not None:
                self._wait(found.configuration, stale, self.min_ready if rolls else 0)
        except PipelineError as error:
            words = self.workload.last_words(found.configuration) if isinstance(error, NotReady) else None
            done = self._undo(workload, was, found) if self.files else _STAYS_OUT
            raise self._failure(error, words, done, found) from error

    def hide(self, found: Found) -> Callable[[str], str]:
        """What takes the stores' secrets out of a line that somebody else wrote."""
        texts = [*found.data.values(), *(file.store for file in self.files)]
        secrets = {secret for text in texts for secret in store.secrets_in(text)}
        return lambda line: without(line, secrets)

    def _wait(self, configuration: str | None, stale: frozenset[str], min_ready: float) -> None:
        self.workload.wait(
            configuration, min_ready=min_ready, stale=stale, timeout=self.timeout, progress=self.progress
        )

    def _undo(self, workload: Object, was: str | None, found: Found) -> str:
        """What was done, in a sentence."""
        is_same = was == found.configuration
        if not found.changes and is_same:
            return "This run had changed nothing."
        try:
            stale = uids(self.workload.list_pods(workload)) if is_same else frozenset()
            self._put_keys_back(was, found)
            if not is_same:
                self.workload.annotate(was)
            self.backup.take_back()
            if not judge(workload).ready:
                return "Keys and annotation are as they were; the pods were not all ready before this run either."
            self._wait(was, stale, self.min_ready)
        except PipelineError as error:
            return f"Putting back what was there before did not end well: {error.message}"
        return "Keys and annotation are as they were, and the pods run with them."

    def _put_keys_back(self, was: str | None, found: Found) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            config_map = self._get()
            changes: Texts = put_back(_data(config_map), found.changes, found.data)
            if not found.changes and was is None and found.kept is not None:
                # A run that was interrupted wrote them, and rolled no pod: the pods that run know no block.
                changes = plan(_data(config_map), [], existed(found.kept))
            try:
                self._patch(config_map, changes)
                break
            except Conflict:
                if attempt == _ATTEMPTS:
                    raise

    def _failure(self, error: PipelineError, words: Words | None, done: str, found: Found) -> PipelineError:
        hide = self.hide(found)
        if words is None:
            return NotReady(f"{hide(error.message)} {done}", **error.details)
        lines = [hide(line) for line in store.masked("\n".join(words.log)).splitlines()]
        reason = "" if words.reason in error.message else f" Pod {words.pod}: {words.reason}."
        said = ["", f"Last lines of pod {words.pod}:", *lines] if lines else []
        details = {**error.details, "pod": words.pod, "reason": hide(words.reason), "log": lines}
        return NotReady(f"{hide(error.message + reason)} {done}", advice="\n".join(said), **details)

    def _get(self) -> Object | None:
        return self.cluster.get("v1", "ConfigMap", self.namespace, self.name)

    def _patch(self, config_map: Object | None, changes: Texts) -> None:
        """:raises Conflict: somebody has written it since it was read."""
        if config_map is not None and changes:
            metadata = {"resourceVersion": config_map["metadata"]["resourceVersion"]}
            body = {"metadata": metadata, "data": dict(changes)}
            self.cluster.patch("v1", "ConfigMap", self.namespace, self.name, body)


def _data(config_map: Object | None) -> Mapping[str, str]:
    return (config_map or {}).get("data") or {}
