# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to change in a ConfigMap so that its keys hold the declared stores. Pure: no Kubernetes, no clock."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from . import store

_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")

#: Keys with their texts; None where a key is not there.
Texts = Mapping[str, str | None]  # pylint: disable=unsupported-binary-operation


@dataclass(frozen=True)
class File:
    """:param store: one or more <store> sections, to stand in this key of the ConfigMap."""

    key: str
    store: str


def refusals(files: Iterable[File]) -> list[str]:
    """What is wrong with the declaration; all reasons at once, empty when nothing is."""
    reasons = []
    seen: set[str] = set()
    for file in files:
        if not _KEY.fullmatch(file.key) or file.key == "." or file.key.startswith(".."):
            reasons.append(f"key {file.key!r} is no key of a ConfigMap: letters, digits, '-', '_' and '.' make one")
        if file.key in seen:
            reasons.append(f"key {file.key} is declared twice")
        seen.add(file.key)
        reasons += [f"the store of {file.key}: {problem}" for problem in store.problems(file.store)]
    return reasons


def obstacles(config_map: Mapping[str, Any], changes: Texts) -> list[str]:
    """Why the changes can't be made in this ConfigMap, or why they may not be all that there is to change."""
    reasons = [
        f"key {key} has one of the markers '{store.BEGIN}' and '{store.END}' without the other"
        for key, text in (config_map.get("data") or {}).items()
        if store.is_damaged(text)
    ]
    reasons += [f"key {key} is there as binaryData" for key in config_map.get("binaryData") or () if key in changes]
    return [*reasons, "it is immutable"] if changes and config_map.get("immutable") else reasons


def plan(data: Mapping[str, str], files: Collection[File], existed: Collection[str]) -> dict[str, str | None]:
    """Each key that changes with its new text, None where the key goes. A block that is not declared is taken out.

    :param existed: keys that were there before the pipeline, which stay even when nothing is left in them.
    """
    wanted: dict[str, str | None] = {
        key: store.remove(text) or ("" if key in existed else None)
        for key, text in data.items()
        if store.has_block(text)
    }
    wanted.update({file.key: store.merge(data.get(file.key), file.store) for file in files})
    return {key: text for key, text in sorted(wanted.items()) if data.get(key) != text}


def after(data: Mapping[str, str], changes: Texts) -> dict[str, str]:
    return {key: text for key, text in {**data, **changes}.items() if text is not None}


def originals(data: Mapping[str, str], keys: Iterable[str]) -> dict[str, str | None]:
    """The keys as they were without the pipeline. Where only a block is left of one, the pipeline has made it."""
    return {
        key: None if text is None else (store.remove(text) or None) if store.has_block(text) else text
        for key, text in ((key, data.get(key)) for key in keys)
    }


def changed_by_others(data: Mapping[str, str], kept: Texts) -> list[str]:
    """Keys whose text outside the block is no longer what the backup holds."""
    return [key for key, text in kept.items() if key in data and store.remove(data[key]) != (text or "")]


def put_back(current: Mapping[str, str], written: Texts, before: Texts) -> dict[str, str | None]:
    """What undoes ``written``. Where somebody else has changed the key since, only the block is put back."""
    undone: dict[str, str | None] = {}
    for key, text in written.items():
        now, was = current.get(key), before.get(key)
        if now == text:
            undone[key] = was
        elif (block := store.block_of(was)) is not None:
            undone[key] = store.merge(now, block)
        elif now is not None:
            undone[key] = store.remove(now)
    return {key: text for key, text in undone.items() if current.get(key) != text}


def digest(data: Mapping[str, str], keys: Iterable[str]) -> str:
    """The same for the same texts, in whatever order; anything else in the ConfigMap does not matter."""
    texts = {key: data.get(key) for key in keys}
    return hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()


def diff(name: str, before: Texts, changes: Texts) -> list[dict[str, str]]:
    """The keys that change, secrets masked."""
    sides = []
    for key, text in changes.items():
        old, new = before.get(key) or "", text or ""
        sides.append(
            {
                "before_header": f"{name}: {key}",
                "after_header": f"{name}: {key}",
                "before": store.masked(old),
                "after": store.masked(new, old),
            }
        )
    return sides
