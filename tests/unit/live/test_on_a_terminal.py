# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real playbook, on a terminal and without one: what is drawn while Loggy is under way, and what is left of it."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pipeline import ROOT
from tests.unit.live.terminal import Terminal

COLUMNS = 100
NEVER = 60


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """Loggy leaves into a file, and the second file is never written."""
    stops = [{"name": name, "kind": "file", "path": str(tmp_path / f"{name}.log")} for name in ("one", "two")]
    commute = {"file": {"path": stops[0]["path"]}, "neighbours": 9, "deadline": "{{ deadline }}", "stops": stops}
    tasks = [{"name": "Follow Loggy", "loggy.pipeline.loggy_commute": commute}]
    play = {"name": "Play", "hosts": "all", "gather_facts": False, "connection": "local", "tasks": tasks}
    play["vars"] = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    (tmp_path / "play.json").write_text(json.dumps([play]))
    playbook = str(Path(sys.executable).with_name("ansible-playbook"))
    return [playbook, "-i", "alpha,beta", "--forks", "1", str(tmp_path / "play.json")]


def environment(**variables: str) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "AWX_"))}
    ours.pop("CI", None)
    return {**ours, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "TERM": "xterm", "LC_ALL": "C.UTF-8", **variables}


def on_terminal(command: list[str], seen: Callable[[int, str], None] = lambda pid, output: None, **env: str) -> str:
    """All that the playbook wrote to its terminal.

    :param seen: is called with the process and what it has written so far.
    """
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execve(command[0], command, environment(**env))
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    output = b""
    try:
        while block := os.read(terminal, 65536):
            output += block
            seen(pid, output.decode(errors="replace"))
    except OSError:  # Linux says so at the end of the other side
        pass
    os.close(terminal)
    os.waitpid(pid, 0)
    return output.decode()


def left_of(output: str) -> list[str]:
    terminal = Terminal()
    terminal.write(output)
    return terminal.rows


def bars(text: str) -> set[tuple[str, str]]:
    """What was drawn: names, and how many were found of how many."""
    return set(re.findall(r"(sender|one|two) +[█░]{20} +(\d+/\d+)", text))


def test_each_stop_is_drawn_in_place_and_gone_at_the_end(command: list[str]) -> None:
    output = on_terminal([*command, "-e", "deadline=0.8"])
    assert {("sender", "10/10"), ("one", "10/10"), ("two", "0/10")} <= bars(output)
    assert "\x1b[3A" in output, "the sender and two stops are drawn over"
    left = left_of(output)
    assert not bars("\n".join(left))
    assert sum("fatal: [" in line for line in left) == 2
    assert "leave for" not in output


def test_colours_are_left_out_where_the_user_wants_none(command: list[str]) -> None:
    output = on_terminal([*command, "-e", "deadline=0.8"], NO_COLOR="1")
    assert bars(output)
    assert "m" not in {code[-1] for code in re.findall(r"\x1b\[[\d;?]*[A-Za-z]", output)}


def test_an_interrupted_playbook_leaves_a_usable_terminal(command: list[str]) -> None:
    interrupted: list[float] = []

    def interrupt(pid: int, output: str) -> None:
        if bars(output) and not interrupted:
            interrupted.append(time.monotonic())
            os.kill(pid, signal.SIGINT)

    output = on_terminal([*command, "-e", f"deadline={NEVER}"], interrupt)
    assert time.monotonic() - interrupted[0] < NEVER / 2
    assert not bars("\n".join(left_of(output)))
    assert "\x1b[?25l" not in output, "the cursor was hidden"


def test_ansible_runner_s_terminal_gets_plain_lines(command: list[str]) -> None:
    output = on_terminal([*command, "-e", "deadline=0.8"], AWX_ISOLATED_DATA_DIR="/runner/artifacts/1")
    assert not bars(output)
    assert output.count("Loggy and 9 neighbours leave for file") == 2


def test_a_file_gets_nothing_but_the_usual_output(command: list[str]) -> None:
    done = subprocess.run(
        [*command, "-e", "deadline=0.8"], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    assert "\x1b" not in done.stdout + done.stderr
    assert not bars(done.stdout)
    assert done.stdout.count("Loggy and 9 neighbours leave for file") == 2
