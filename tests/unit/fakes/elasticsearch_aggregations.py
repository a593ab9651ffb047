"""The aggregations of the fake Elasticsearch: those that this project asks for, as every version answers them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

Source = Mapping[str, Any]
Value = Callable[[Source, str], Any]


def aggregated(asked: Mapping[str, Any], sources: Sequence[Source], value: Value) -> dict[str, Any]:
    """:param value: what a source has at a path, None for nothing."""
    return {name: _aggregation(one, sources, value) for name, one in asked.items()}


def _aggregation(asked: Mapping[str, Any], sources: Sequence[Source], value: Value) -> dict[str, Any]:
    kind = next(name for name in asked if name != "aggs")
    options = asked[kind]
    pairs = [(found, source) for source in sources if (found := _number(value(source, options["field"]))) is not None]
    if kind == "histogram":
        return _histogram(options, asked.get("aggs", {}), pairs, value)
    if kind == "terms":
        texts = [value(source, options["field"].removesuffix(".keyword")) for source in sources]
        most = Counter(text for text in texts if isinstance(text, str)).most_common(options["size"])
        return {"buckets": [{"key": text, "doc_count": count} for text, count in most]}
    numbers = [number for number, _source in pairs]
    stats = {"count": len(numbers), "sum": float(sum(numbers))}
    if kind == "extended_stats":
        stats["sum_of_squares"] = float(sum(number * number for number in numbers))
    return stats


def _histogram(
    options: Mapping[str, Any], inner: Mapping[str, Any], pairs: Sequence[tuple[int, Source]], value: Value
) -> dict[str, Any]:
    offset, interval = options["offset"], options["interval"]
    buckets: dict[int, list[Source]] = {}
    for number, source in pairs:
        buckets.setdefault((number - offset) // interval * interval + offset, []).append(source)
    return {
        "buckets": [
            {"key": float(key), "doc_count": len(inside), **aggregated(inner, inside, value)}
            for key, inside in sorted(buckets.items())
        ]
    }


def milliseconds(text: str) -> int:
    """As a date field has it. :raises ValueError: it is no date."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def _number(found: Any) -> int | None:
    if isinstance(found, str):
        try:
            return milliseconds(found)
        except ValueError:
            return None
    return found if isinstance(found, int) else None
