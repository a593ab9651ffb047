# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What in a ClusterLogForwarder is the pipeline's, noted in an annotation of it. Pure: values go in, values come out.

It is written together with what it tells of, in one request: neither is ever there without the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import InvalidInput

ANNOTATION = "loggy.pipeline/forwarder"
#: The lists of a forwarder that have parts of the pipeline's, each item with a name.
LISTS = ("inputs", "outputs", "pipelines")

Item = dict[str, Any]
Refs = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Replaces:
    """What goes through the pipeline and no more to the direct store.

    :param inputs: those that it takes over; :param outputs: the direct store's names.
    :param input: what the direct store still gets in their stead, since the pipeline leaves it out.
    """

    inputs: Sequence[str]
    outputs: Sequence[str]
    input: Item


@dataclass(frozen=True)
class Replaced:
    """Somebody's pipeline, with its ``inputRefs`` and ``outputRefs`` as they were, and as they were left."""

    name: str
    was: Refs
    became: Refs


@dataclass(frozen=True)
class Mark:
    """:param names: of the pipeline's own items, by list; :param split: of its pipelines, those cut off another one.
    :param made: lists that were not there at all; :param created: whether the whole forwarder was not.
    """

    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    split: Sequence[str] = ()
    made: Sequence[str] = ()
    created: bool = False
    replaced: Sequence[Replaced] = ()
    replaces: Replaces | None = None

    def owned(self, kind: str) -> frozenset[str]:
        return frozenset(self.names.get(kind, ()))


def mark_of(forwarder: Mapping[str, Any] | None) -> Mark | None:
    """None when nothing in it is ours.

    :raises InvalidInput: the annotation is no longer what was written.
    """
    text = (((forwarder or {}).get("metadata") or {}).get("annotations") or {}).get(ANNOTATION)
    if text is None:
        return None
    try:
        given = json.loads(text)
        replaces = given["replaces"]
        return Mark(
            names={kind: tuple(given["names"].get(kind, ())) for kind in LISTS},
            split=tuple(given["split"]),
            made=tuple(given["made"]),
            created=bool(given["created"]),
            replaced=tuple(Replaced(one["name"], one["was"], one["became"]) for one in given["replaced"]),
            replaces=None if replaces is None else Replaces(**replaces),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvalidInput(
            f"The annotation {ANNOTATION} of the ClusterLogForwarder can't be read ({type(error).__name__}: {error}),"
            " and it alone tells what in it is the pipeline's.",
            advice="Put it back as it was; or take the pipeline's parts and the annotation out by hand, and run again.",
        ) from error


def text_of(mark: Mark) -> str:
    """The annotation's value; the same for the same mark."""
    replaces = mark.replaces
    return json.dumps(
        {
            "names": {kind: list(names) for kind, names in mark.names.items()},
            "split": list(mark.split),
            "made": list(mark.made),
            "created": mark.created,
            "replaced": [
                {"name": one.name, "was": _refs(one.was), "became": _refs(one.became)} for one in mark.replaced
            ],
            "replaces": None
            if replaces is None
            else {"inputs": list(replaces.inputs), "outputs": list(replaces.outputs), "input": replaces.input},
        },
        sort_keys=True,
        separators=(",", ":"),
    )


def _refs(refs: Refs) -> dict[str, list[str]]:
    return {kind: list(names) for kind, names in refs.items()}
