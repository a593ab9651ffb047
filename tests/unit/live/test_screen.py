# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a terminal shows after the live lines and others wrote to it, played on a small terminal."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

from ansible_collections.loggy.pipeline.plugins.plugin_utils.screen import Screen

from tests.unit.live.terminal import Terminal


@contextmanager
def opened(terminal: Terminal) -> Iterator[Screen]:
    """In the test itself: pytest gives each phase of a test streams of its own."""
    screen = Screen(threading.RLock())
    with redirect_stdout(terminal), redirect_stderr(terminal):
        print("TASK [Follow Loggy]")
        screen.open()
        try:
            yield screen
        finally:
            screen.close()


def test_lines_are_drawn_over_in_place() -> None:
    terminal = Terminal()
    with opened(terminal) as screen:
        screen.draw(["topic 10", "index 2"])
        screen.draw(["topic 9", "index 3", "third"])
        assert terminal.rows == ["TASK [Follow Loggy]", "topic 9", "index 3", "third", ""]
        screen.draw(["one"])
        assert terminal.rows == ["TASK [Follow Loggy]", "one", ""]


def test_what_others_print_goes_above_the_lines() -> None:
    terminal = Terminal()
    with opened(terminal) as screen:
        screen.draw(["topic 1", "index 0"])
        print("changed: [a]")
        print("a warning", file=sys.stderr)
        screen.draw(["topic 2"])
        assert terminal.rows == ["TASK [Follow Loggy]", "changed: [a]", "a warning", "topic 2", ""]


def test_nothing_is_drawn_into_the_line_of_a_prompt() -> None:
    terminal = Terminal()
    with opened(terminal) as screen:
        sys.stdout.write("Go on? ")
        screen.draw(["topic 1"])
        assert terminal.rows == ["TASK [Follow Loggy]", "Go on? "]
        sys.stdout.write("yes\n")
        screen.draw(["topic 1"])
        assert terminal.rows == ["TASK [Follow Loggy]", "Go on? yes", "topic 1", ""]


def test_after_closing_nothing_of_the_lines_is_left_and_the_streams_are_as_before() -> None:
    terminal = Terminal()
    with opened(terminal) as screen:
        screen.draw(["topic 1", "index 0"])
        screen.close()
        screen.draw(["too late"])
        print("ok")
        assert terminal.rows == ["TASK [Follow Loggy]", "ok", ""]
        assert sys.stdout is terminal
        assert sys.stderr is terminal


def test_lines_that_did_not_change_are_not_drawn_again() -> None:
    terminal = Terminal()
    with opened(terminal) as screen:
        screen.draw(["topic 1"])
        terminal.rows[1] = "as it was"
        screen.draw(["topic 1"])
        assert terminal.rows[1] == "as it was"
