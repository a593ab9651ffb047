"""A page of HTML as a list of its elements, for questions that need no browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class _Reader(HTMLParser):
    elements: list[Element] = field(default_factory=list)
    _open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data


def elements(page: str) -> list[Element]:
    """In their order; the text of an element is that of all within it."""
    reader = _Reader()
    reader.feed(page)
    return reader.elements


def at(result: Any, place: str) -> Any:
    """The value at a place such as ``stops.0.found``."""
    for step in place.split("."):
        result = result[int(step) if isinstance(result, list) else step]
    return result


def is_what_is_shown(value: float, text: str, place: str) -> bool:
    """Whether ``text`` says ``value``, to the three figures that a duration has."""
    number, _, unit = text.replace(",", "").partition("\u00a0")
    if not unit:
        return float(number) == value
    is_seconds = place in ("seconds", "deadline") or ".samples." in place
    milliseconds = float(number) * {"ms": 1, "s": 1000, "min": 60_000}[unit]
    return abs(milliseconds - value * (1000 if is_seconds else 1)) <= max(abs(milliseconds) * 0.006, 0.0501)
