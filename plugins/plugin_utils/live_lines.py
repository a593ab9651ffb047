# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines that show how far a commute is: one for each stop, cut to the terminal. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

from ansible_collections.loggy.pipeline.plugins.plugin_utils.snapshots import Snapshot

_BAR = 20


@dataclass(frozen=True)
class Look:
    """:param columns: of the terminal.
    :param rows: of the terminal.
    :param unicode: whether it can show more than ASCII.
    :param paint: gives a text a colour, which is ``good`` or ``bad``; or gives it back as it is.
    """

    columns: int
    rows: int
    unicode: bool = True
    paint: Callable[[str, str], str] = lambda text, colour: text


@dataclass(frozen=True)
class _Row:
    name: str
    found: int
    expected: int
    note: str
    colour: str


def live_lines(snapshots: Sequence[Snapshot], look: Look) -> list[str]:
    """No line is wider than the terminal, and all fit into it, so that they can be drawn over in place."""
    rows = [row for snapshot in snapshots for row in _rows(snapshot, named=len(snapshots) > 1)]
    names = max((len(row.name) for row in rows), default=0)
    counts = max((len(_count(row)) for row in rows), default=0)
    lines = [_line(row, names, counts, look) for row in rows]
    # The last row of the terminal is where the cursor is.
    most = max(1, look.rows - 1)
    if len(lines) > most:
        lines = [*lines[: most - 1], _cut(f"and {len(lines) - most + 1} more", look)]
    return lines


def _rows(snapshot: Snapshot, *, named: bool) -> Iterator[_Row]:
    for name, state in snapshot.state.items():
        shown = f"{snapshot.host} {name}" if named else name
        if "found" in state:
            copies = max(0, state["sightings"] - state["found"])
            yield _row(shown, state["found"], state["expected"], _copies(copies), state["error"])
        # Nobody knows what another sender was told.
        elif state["acknowledged"] is not None:
            yield _row(shown, state["acknowledged"], state["planned"], "", state["error"])


def _row(name: str, found: int, expected: int, note: str, error: str | None) -> _Row:
    colour = "bad" if error or note else "good" if found >= expected else ""
    return _Row(_plain(name), found, expected, _plain(error) if error else note, colour)


def _copies(count: int) -> str:
    return "" if not count else "1 copy" if count == 1 else f"{count} copies"


def _line(row: _Row, names: int, counts: int, look: Look) -> str:
    line = f"{row.name:<{names}}  {_bar(row, look)}  {_count(row):>{counts}}  {row.note}".rstrip()
    shown = _cut(line, look)
    return look.paint(shown, row.colour) if row.colour else shown


def _count(row: _Row) -> str:
    return f"{row.found}/{row.expected}"


def _bar(row: _Row, look: Look) -> str:
    full, empty = ("█", "░") if look.unicode else ("#", ".")
    # Only what is complete looks so.
    done = _BAR if row.found >= row.expected else min(_BAR - 1, row.found * _BAR // row.expected)
    return full * done + empty * (_BAR - done)


def _cut(line: str, look: Look) -> str:
    # One column is left free: a full line makes some terminals go on to the next.
    width = look.columns - 1
    if len(line) <= width:
        return line
    return line[: max(0, width - 1)] + ("…" if look.unicode else "~") if width > 0 else ""


def _plain(text: str) -> str:
    """In one line, with one column for each character."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    return " ".join("".join("?" if east_asian_width(char) in "WF" else char for char in shown).split())
