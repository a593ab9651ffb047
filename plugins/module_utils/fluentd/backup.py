# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of a ConfigMap as they were before the pipeline's first change, in a ConfigMap beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ..errors import InvalidInput
from ..kubernetes.client import Cluster

MANAGED_BY = "app.kubernetes.io/managed-by"
OWNER = "loggy.pipeline"
_OF = "loggy.pipeline/backup-of"
_AT = "loggy.pipeline/backup-time"
_MADE = "loggy.pipeline/keys-that-did-not-exist"


@dataclass(frozen=True)
class Backup:
    cluster: Cluster
    namespace: str
    of: str
    #: Keys that this run has added: until its own change is made, it may still correct them.
    _added: set[str] = field(default_factory=set, init=False)
    _made: list[str] = field(default_factory=list, init=False)

    @property
    def name(self) -> str:
        return f"{self.of}-loggy-backup"

    def read(self) -> dict[str, str | None] | None:
        """The original texts, None for a key that was not there; None when there is no backup.

        :raises InvalidInput: what has the backup's name is somebody else's.
        """
        found = self._get()
        return None if found is None else _texts(found)

    def keep(self, originals: Mapping[str, str | None]) -> None:
        """Adds the keys that are not in it yet. What an earlier run has kept is never written again.

        :raises Conflict: somebody else writes it at the same time.
        """
        found = self._get()
        kept = {} if found is None else _texts(found)
        new = {
            key: text
            for key, text in originals.items()
            if key not in kept or (key in self._added and kept[key] != text)
        }
        if not new:
            return
        self._added.update(new)
        texts = {**kept, **new}
        made = ",".join(sorted(key for key, text in texts.items() if text is None))
        if found is None:
            self.cluster.create("v1", "ConfigMap", self.namespace, self._body(texts, made))
            self._made.append(self.name)
            return
        body = {
            "metadata": {"resourceVersion": found["metadata"]["resourceVersion"], "annotations": {_MADE: made}},
            "data": new,
        }
        self.cluster.patch("v1", "ConfigMap", self.namespace, self.name, body)

    def remove(self) -> None:
        self.cluster.delete("v1", "ConfigMap", self.namespace, self.name)

    def take_back(self) -> None:
        """Removes it when this run has made it: its change is undone, and the next run keeps what is there by then."""
        if self._made:
            self.remove()

    def _get(self) -> dict[str, Any] | None:
        found = self.cluster.get("v1", "ConfigMap", self.namespace, self.name)
        if found is not None and (found["metadata"].get("labels") or {}).get(MANAGED_BY) != OWNER:
            raise InvalidInput(
                f"There is a ConfigMap {self.name} in namespace {self.namespace} that is not the pipeline's backup:"
                f" it has no label {MANAGED_BY}={OWNER}.",
                advice="Give it another name.",
            )
        return found

    def _body(self, texts: Mapping[str, str | None], made: str) -> dict[str, Any]:
        return {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": self.name,
                "namespace": self.namespace,
                "labels": {MANAGED_BY: OWNER},
                "annotations": {
                    _OF: self.of,
                    _AT: datetime.now(UTC).isoformat(timespec="seconds"),
                    _MADE: made,
                },
            },
            "data": {key: text for key, text in texts.items() if text is not None},
        }


def existed(kept: Mapping[str, str | None] | None) -> Collection[str]:
    return [key for key, text in (kept or {}).items() if text is not None]


def _texts(found: Mapping[str, Any]) -> dict[str, str | None]:
    made = (found["metadata"].get("annotations") or {}).get(_MADE, "")
    return {**dict.fromkeys(filter(None, made.split(","))), **(found.get("data") or {})}
