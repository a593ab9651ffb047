# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do next, in one sentence: the nearest cause that is known, from what everything said of itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .verdict import SENDER, Verdict, Word

# By the kind of the stop that the verdict is about, when no trouble is known there.
_LOST = {
    "topic": "Look at the log of what sends to the topic: it has lost what it was given.",
    "index": "Look at the sink's log, and whether its errors.tolerance or an ingest pipeline drops documents.",
}
_TWICE = {
    "index": "Let the sink make a document's id of its event or record, so that a second delivery replaces the first.",
}


def advise(
    verdict: Verdict,
    kinds: Mapping[str, str],
    advice: Mapping[str, str],
    explanations: Sequence[str],
    observed: Sequence[str],
) -> str | None:
    """
    :param kinds: of the deployed stops by their names, in their order.
    :param advice: of the stops that know of trouble, by their names.
    :param explanations: what observations know of the very numbers; it names the cause itself.
    :param observed: advice of observations that may have to do with it.
    """
    if verdict.word is Word.ARRIVED:
        return None
    stop = verdict.stop or ""
    if verdict.word is Word.NOT_THROUGH_KAFKA:
        return f"Take out what writes to {stop} beside the pipeline, such as a second output of the aggregator."
    if verdict.word is Word.DUPLICATED:
        return _TWICE.get(kinds.get(stop, ""), f"Look what delivers to {stop} twice: two sources, or one that retries.")
    # The sender halts when the first stop takes no more.
    place = next(iter(kinds), stop) if stop == SENDER else stop
    known = [*explanations, advice.get(place, ""), *_nearest(kinds, advice, place)]
    if verdict.word in (Word.LOST, Word.LATE):
        known += observed
    if verdict.word is Word.LATE:
        return next(filter(None, known), f"Look what is slow before {stop}, or allow more in limits.latency_ms.")
    if verdict.word is Word.LOST:
        return next(filter(None, known), _LOST.get(kinds.get(stop, ""), f"Look at what writes to {stop}."))
    return next(filter(None, known), f"Make {place} reachable from this host, and run it again.")


def _nearest(kinds: Mapping[str, str], advice: Mapping[str, str], place: str) -> list[str]:
    """What is known of the stops before, the nearest first: what halts there never comes here."""
    names = list(kinds)
    before = names[: names.index(place)] if place in names else []
    return [advice[name] for name in reversed(before) if advice.get(name) and kinds[name] not in ("file", "pod_log")]
