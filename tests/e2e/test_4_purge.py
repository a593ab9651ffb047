# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""purge.yml takes out what site.yml made: after all tests that share the pipeline."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from tests.pipeline import Pipeline

pytestmark = pytest.mark.e2e


def test_check_mode_of_a_purge_takes_nothing_out(built: Pipeline) -> None:
    assert built.playbook("purge", "--check").expect_success().changed > 0
    assert "RUNNING" in built.supervisorctl("status", "kafka")


def test_a_purge_leaves_no_process_and_no_file(built: Pipeline) -> None:
    supervisor = int((built.state_dir / "supervisor" / "supervisord.pid").read_text())
    processes = [process.pid for process in psutil.Process(supervisor).children(recursive=True)]
    neighbours = sorted(built.state_dir.parent.iterdir())
    built.playbook("purge").expect_success()
    assert not [pid for pid in (supervisor, *processes) if psutil.pid_exists(pid)]
    assert sorted(built.state_dir.parent.iterdir()) == [path for path in neighbours if path != built.state_dir]
    assert "loggy" not in Path("/etc/passwd").read_text().split(":")
    assert built.playbook("purge").expect_success().changed == 0
