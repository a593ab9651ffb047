# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a canary reports, waited for: wherever it runs, and while it is started again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Report = dict[str, Any]


@dataclass(frozen=True)
class Reports:
    """
    :param read: {} while nobody answers.
    :param explain: what to show when what is waited for does not come within so many seconds.
    """

    read: Callable[[], Report]
    explain: Callable[[], str]
    seconds: float = 90

    def wait(self, what: Callable[[Report], object]) -> Report:
        end = time.monotonic() + self.seconds
        told: Report = {}
        while time.monotonic() < end:
            told = self.read()
            if told and what(told):
                return told
            time.sleep(0.2)
        short = {name: value for name, value in told.items() if not name.startswith("last_")}
        raise AssertionError(f"{short}\n{self.explain()}")

    def settled(self, sent: int) -> Report:
        """When some that were sent after ``sent`` have arrived, and none is missing anywhere."""
        return self.wait(
            lambda told: (
                told["sent"] > sent + 5
                and told["on_the_way"]["count"] <= 5
                and not any(stop["missing"]["count"] for stop in told["stops"])
            )
        )


def stop_of(told: Report, name: str) -> Report:
    return next(stop for stop in told["stops"] if stop["name"] == name)


def assert_it_adds_up(told: Report) -> None:
    assert told["sent"] == told["arrived"] + told["lost"] + told["on_the_way"]["count"]
    for stop in told["stops"]:
        assert stop["unexpected"] == stop["unproven"] == 0, stop
    # The topic may hold a record twice; the index holds each once.
    assert stop_of(told, "index")["duplicates"] == 0
