# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to change in a ClusterLogForwarder so that it has the pipeline's parts, or none. Pure: no Kubernetes.

Its lists are merged by name. What is somebody else's stays as it is, and where it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..errors import InvalidInput
from ..redact import redact_text
from . import direct
from .mark import ANNOTATION, LISTS, Item, Mark, Replaced, Replaces, text_of

Spec = Mapping[str, Any]


@dataclass(frozen=True)
class Declared:
    """The pipeline's own items by list, and what they replace."""

    items: Mapping[str, Sequence[Item]]
    replaces: Replaces | None = None


@dataclass(frozen=True)
class Planned:
    """:param mark: None when nothing is ours any more."""

    spec: dict[str, Any]
    mark: Mark | None


def refusals(declared: Declared) -> list[str]:
    """What is wrong with the declaration; all reasons at once, empty when nothing is."""
    reasons = []
    for kind in LISTS:
        names = [one.get("name") for one in declared.items.get(kind, ())]
        reasons += [f"{kind} has an item without a name"] if not all(names) else []
        reasons += [
            f"{kind} has {name} twice" for name in sorted({one for one in names if one and names.count(one) > 1})
        ]
    if declared.replaces is not None and not declared.replaces.input.get("name"):
        reasons.append("the input of replaces has no name")
    return reasons


def put(spec: Spec, mark: Mark | None, declared: Declared) -> Planned:
    """With what is declared, and without what was declared before and is no more.

    :raises InvalidInput: an item that is somebody else's has the name of one of ours.
    """
    before = mark or Mark()
    items = {kind: list(declared.items.get(kind, ())) for kind in LISTS}
    theirs = _restored(spec, before)
    pipelines, splits, notes = _taken_off(theirs["pipelines"], declared.replaces)
    if notes and declared.replaces is not None:
        items["inputs"].append(declared.replaces.input)
    items["pipelines"] += splits
    _refuse_clashes(theirs, items)
    left = {**theirs, "pipelines": pipelines}
    result = dict(spec)
    for kind in LISTS:
        if merged := _merged(spec.get(kind) or (), before.owned(kind), left[kind], items[kind]):
            result[kind] = merged
        elif kind in before.made:
            result.pop(kind, None)
        elif kind in spec:
            result[kind] = []
    names = {kind: tuple(str(one["name"]) for one in items[kind]) for kind in LISTS}
    made = tuple(kind for kind in LISTS if kind in result and (kind in before.made or kind not in spec))
    split = tuple(str(one["name"]) for one in splits)
    return Planned(result, Mark(names, split, made, before.created, notes, declared.replaces))


def take_out(spec: Spec, mark: Mark | None) -> Planned:
    """Without anything of ours, and what was replaced as it was."""
    if mark is None:
        return Planned(dict(spec), None)
    return replace(put(spec, mark, Declared({})), mark=None)


def is_bare(spec: Spec) -> bool:
    """Whether nobody has anything in it, so that a forwarder which the pipeline has made can go."""
    return not any(spec.get(kind) for kind in (*LISTS, "filters"))


def declared_in(spec: Spec, mark: Mark) -> Declared:
    """What an earlier run had declared, as it stands there."""
    extra = {mark.replaces.input["name"]} if mark.replaces else set()
    names = {kind: mark.owned(kind) - extra - set(mark.split) for kind in LISTS}
    return Declared(
        {kind: [one for one in spec.get(kind) or () if one.get("name") in names[kind]] for kind in LISTS}, mark.replaces
    )


def patch(spec: Spec, mark: Mark | None, planned: Planned) -> dict[str, Any]:
    """A merge patch of the lists and the annotation; empty when there is nothing to change."""
    lists = {kind: planned.spec.get(kind) for kind in LISTS if spec.get(kind) != planned.spec.get(kind)}
    before, after = (None if one is None else text_of(one) for one in (mark, planned.mark))
    body: dict[str, Any] = {"spec": lists} if lists else {}
    if before != after:
        body["metadata"] = {"annotations": {ANNOTATION: after}}
    return body


def diff(name: str, before: Spec, after: Spec) -> list[dict[str, Any]]:
    """Each list that changes. Secrets are references there; a URL may carry a user."""
    return [
        {
            "before_header": f"{name}: {kind}",
            "after_header": f"{name}: {kind}",
            "before": _shown({kind: before[kind]} if kind in before else {}),
            "after": _shown({kind: after[kind]} if kind in after else {}),
        }
        for kind in LISTS
        if before.get(kind) != after.get(kind)
    ]


def _restored(spec: Spec, mark: Mark) -> dict[str, list[Item]]:
    """What is somebody else's, as it was without the pipeline."""
    theirs = {kind: [one for one in spec.get(kind) or () if one.get("name") not in mark.owned(kind)] for kind in LISTS}
    notes = {one.name: one for one in mark.replaced}
    if mark.replaces is not None:
        theirs["pipelines"] = [
            direct.give_back(one, notes[one["name"]], mark.replaces) if one.get("name") in notes else one
            for one in theirs["pipelines"]
        ]
    return theirs


def _taken_off(
    pipelines: Sequence[Item], replaces: Replaces | None
) -> tuple[list[Item], list[Item], tuple[Replaced, ...]]:
    left, splits, notes = [], [], []
    for pipeline in pipelines:
        if replaces is None or not direct.is_concerned(pipeline, replaces):
            left.append(pipeline)
            continue
        rest, split, note = direct.take_off(pipeline, replaces)
        left.append(rest)
        notes.append(note)
        splits += [split] if split else []
    return left, splits, tuple(notes)


def _refuse_clashes(theirs: Mapping[str, Sequence[Item]], ours: Mapping[str, Sequence[Item]]) -> None:
    clashes = [
        f"{one['name']} of {kind}"
        for kind in LISTS
        for one in ours[kind]
        if one["name"] in {other.get("name") for other in theirs[kind]}
    ]
    if clashes:
        raise InvalidInput(
            f"Nothing was changed: the forwarder has {', '.join(clashes)} already, and that is not the pipeline's.",
            advice="Give the pipeline's another name, or take that one out.",
            clashes=clashes,
        )


def _merged(current: Sequence[Item], owned: frozenset[str], theirs: Sequence[Item], ours: Sequence[Item]) -> list[Item]:
    """Each where it was; ours that are new stand behind all others."""
    rest, new = iter(theirs), {str(one["name"]): one for one in ours}
    merged = []
    for one in current:
        if one.get("name") not in owned:
            merged.append(next(rest))
        elif one["name"] in new:
            merged.append(new.pop(one["name"]))
    return merged + list(new.values())


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Mapping):
        return {key: _shown(item) for key, item in value.items()}
    return [_shown(item) for item in value] if isinstance(value, list) else value
