# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ending what works in a folder, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import NotReady
from ansible_collections.loggy.pipeline.plugins.module_utils.local.stop import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import Context

WAITS = "import sys, time; print(flush=True); time.sleep(600)"
IGNORES = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(600)"

Process = subprocess.Popen[bytes]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[object]:
    started: list[Process] = []

    def start_in(folder: str, code: str = WAITS) -> Process:
        (tmp_path / folder).mkdir(exist_ok=True)
        process = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path / folder, stdout=subprocess.PIPE)
        assert process.stdout
        process.stdout.readline()
        started.append(process)
        return process

    yield start_in
    for process in started:
        process.kill()
        process.wait()


def stop(tmp_path: Path, *, check_mode: bool = False, timeout: float = 10) -> dict[str, object]:
    params = {"pid_file": str(tmp_path / "pid"), "folder": str(tmp_path / "state"), "timeout": timeout}
    return OPERATION.run(params, Context(check_mode=check_mode))


def test_what_works_in_the_folder_ends_and_its_neighbour_does_not(tmp_path, start) -> None:
    ours, neighbour = start("state"), start("state-of-somebody-else")
    assert stop(tmp_path)["stopped"] == [{"pid": ours.pid, "name": "python"}]
    assert not psutil.pid_exists(ours.pid)
    assert neighbour.poll() is None


def test_the_supervisor_is_the_first_to_end(tmp_path, start) -> None:
    program, supervisor = start("state"), start("state")
    (tmp_path / "pid").write_text(str(supervisor.pid))
    assert [process["pid"] for process in stop(tmp_path)["stopped"]] == [supervisor.pid, program.pid]


def test_a_pid_file_whose_number_is_somebody_elses_now_ends_nothing(tmp_path, start) -> None:
    other = start("elsewhere")
    (tmp_path / "pid").write_text(str(other.pid))
    assert stop(tmp_path) == {"changed": False, "stopped": []}
    assert other.poll() is None


def test_check_mode_says_what_it_would_end_and_ends_nothing(tmp_path, start) -> None:
    ours = start("state")
    assert stop(tmp_path, check_mode=True)["changed"] is True
    assert ours.poll() is None


def test_what_does_not_end_is_named(tmp_path, start) -> None:
    ours = start("state", IGNORES)
    with pytest.raises(NotReady, match=rf"waited 0.2 s for python \(pid {ours.pid}\) to end; still running"):
        stop(tmp_path, timeout=0.2)
