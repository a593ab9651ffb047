# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes inputs of a forwarder off its direct store, and gives them back. Pure: pipelines go in, pipelines come out.

A pipeline of somebody else's keeps all that the Kafka path does not take over: its other inputs, its other outputs, and
what the Kafka path leaves out so as not to feed itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import InvalidInput
from .mark import Item, Replaced, Replaces

INPUTS, OUTPUTS = "inputRefs", "outputRefs"


def is_concerned(pipeline: Item, replaces: Replaces) -> bool:
    """Whether it sends one of the inputs to the direct store."""
    return _meets(pipeline, INPUTS, replaces.inputs) and _meets(pipeline, OUTPUTS, replaces.outputs)


def take_off(pipeline: Item, replaces: Replaces) -> tuple[Item, Item | None, Replaced]:
    """The pipeline without them, what goes to the direct store instead where it has other outputs too, and the note.

    :raises InvalidInput: it has no name to be noted by.
    """
    name = pipeline.get("name")
    if not name:
        raise InvalidInput(
            f"A pipeline without a name sends {', '.join(pipeline[INPUTS])} to {', '.join(pipeline[OUTPUTS])}:"
            " it could not be told from others when it has to be restored.",
            advice="Give it a name, or keep the direct store.",
        )
    others = [one for one in pipeline[OUTPUTS] if one not in replaces.outputs]
    inputs = _without(pipeline[INPUTS], replaces)
    split = None
    if others:
        left = {**pipeline, OUTPUTS: others}
        direct = [one for one in pipeline[OUTPUTS] if one in replaces.outputs]
        split = {**pipeline, "name": f"{replaces.input['name']}-{name}", INPUTS: inputs, OUTPUTS: direct}
    else:
        left = {**pipeline, INPUTS: inputs}
    return left, split, Replaced(str(name), _refs(pipeline), _refs(left))


def give_back(pipeline: Item, note: Replaced, replaces: Replaces) -> Item:
    """As it was; where somebody else has changed it since, only what was taken off is put back."""
    if _refs(pipeline) == note.became:
        return {**pipeline, **{kind: list(names) for kind, names in note.was.items()}}
    taken = [one for one in note.was[INPUTS] if one not in note.became[INPUTS]]
    inputs: list[str] = []
    for one in pipeline.get(INPUTS) or ():
        # Where all its outputs were the direct store's, our input stands for what was taken off.
        inputs += taken if one == replaces.input["name"] else [one]
    outputs = list(pipeline.get(OUTPUTS) or ())
    outputs += [one for one in note.was[OUTPUTS] if one not in note.became[OUTPUTS]]
    return {**pipeline, INPUTS: list(dict.fromkeys(inputs)), OUTPUTS: list(dict.fromkeys(outputs))}


def _without(inputs: Sequence[str], replaces: Replaces) -> list[str]:
    """In the place of the first that goes stands what the direct store still gets."""
    names = [replaces.input["name"] if one in replaces.inputs else one for one in inputs]
    return list(dict.fromkeys(names))


def _refs(pipeline: Item) -> dict[str, list[str]]:
    return {kind: list(pipeline.get(kind) or ()) for kind in (INPUTS, OUTPUTS)}


def _meets(pipeline: Item, kind: str, names: Sequence[str]) -> bool:
    return not set(names).isdisjoint(pipeline.get(kind) or ())
