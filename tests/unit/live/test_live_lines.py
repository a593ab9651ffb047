# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The live lines as a table: what is known of a commute, and what it looks like."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.plugin_utils.live_lines import Look, live_lines
from ansible_collections.loggy.pipeline.plugins.plugin_utils.snapshots import Snapshot
from hypothesis import given
from hypothesis import strategies as some

WIDE = Look(columns=80, rows=24)
SENDER = {"planned": 101, "sent": 101, "acknowledged": 101, "error": None}


def stop(found: int, expected: int = 101, *, copies: int = 0, error: str | None = None) -> dict[str, Any]:
    return {"found": found, "expected": expected, "sightings": found + copies, "error": error}


def lines(look: Look = WIDE, **state: dict[str, Any]) -> list[str]:
    return live_lines([Snapshot("localhost", state)], look)


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (stop(0), "index  ░░░░░░░░░░░░░░░░░░░░  0/101"),
        (stop(50), "index  █████████░░░░░░░░░░░  50/101"),
        (stop(100), "index  ███████████████████░  100/101"),
        (stop(101), "index  ████████████████████  101/101"),
        (stop(101, copies=1), "index  ████████████████████  101/101  1 copy"),
        (stop(7, copies=5), "index  █░░░░░░░░░░░░░░░░░░░  7/101  5 copies"),
        (stop(7, error="no\nanswer\x1b[2J"), "index  █░░░░░░░░░░░░░░░░░░░  7/101  no answer [2J"),
    ],
)
def test_a_stop_shows_what_was_found_of_what_is_expected_and_what_is_wrong(state: dict[str, Any], line: str) -> None:
    assert lines(index=state) == [line]


def test_names_and_counts_stand_in_columns_below_the_sender() -> None:
    assert lines(sender=SENDER, topic=stop(60), index=stop(9)) == [
        "sender  ████████████████████  101/101",
        "topic   ███████████░░░░░░░░░   60/101",
        "index   █░░░░░░░░░░░░░░░░░░░    9/101",
    ]


def test_another_sender_is_not_shown_since_nobody_knows_what_it_was_told() -> None:
    unknown = {"planned": 101, "sent": None, "acknowledged": None, "error": None}
    assert len(lines(sender=unknown, topic=stop(60))) == 1


def test_hosts_are_named_when_there_are_several() -> None:
    shown = live_lines([Snapshot("a", {"index": stop(1)}), Snapshot("b.example", {"index": stop(2)})], WIDE)
    assert [line.split("  ")[0] for line in shown] == ["a index", "b.example index"]


def test_what_is_complete_is_good_and_what_has_an_error_or_copies_is_bad() -> None:
    look = Look(80, 24, paint=lambda text, colour: f"<{colour}>{text}")
    shown = lines(look, a=stop(101), b=stop(3), c=stop(101, copies=2), d=stop(3, error="refused"))
    assert [line[: line.index(">") + 1] if line.startswith("<") else "" for line in shown] == [
        "<good>",
        "",
        "<bad>",
        "<bad>",
    ]


def test_a_terminal_without_unicode_gets_ascii() -> None:
    shown = lines(Look(40, 24, unicode=False), index=stop(50, error="é" * 40))[0]
    assert shown[:30] == "index  #########...........  5"
    assert shown.endswith("~")


def test_more_stops_than_rows_are_counted() -> None:
    shown = live_lines([Snapshot(f"h{number}", {"index": stop(1)}) for number in range(9)], Look(80, 5))
    assert [line.split("  ")[0] for line in shown] == ["h0 index", "h1 index", "h2 index", "and 6 more"]


@given(
    found=some.integers(0, 10**7),
    expected=some.integers(1, 10**7),
    error=some.none() | some.text(),
    columns=some.integers(1, 100),
    rows=some.integers(2, 10),
    stops=some.integers(0, 12),
)
def test_lines_always_fit_into_the_terminal(
    found: int, expected: int, error: str | None, columns: int, rows: int, stops: int
) -> None:
    state = {f"stop{number}": stop(min(found, expected), expected, error=error) for number in range(stops)}
    shown = lines(Look(columns, rows), **state)
    assert len(shown) <= rows - 1
    assert all(len(line) < columns or line == "" for line in shown)
    assert all(line.isprintable() for line in shown)
