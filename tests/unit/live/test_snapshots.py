# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the process of a task to the callback, by way of files; and whom the callback takes for somebody who watches."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from ansible import constants
from ansible_collections.loggy.pipeline.plugins.callback.commute_progress import is_watched
from ansible_collections.loggy.pipeline.plugins.plugin_utils.snapshots import (
    Snapshot,
    close_folder,
    open_folder,
    read_snapshots,
    writer_for,
)

from tests.unit.live.terminal import Terminal


@pytest.fixture(autouse=True)
def local_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    return tmp_path


def test_a_task_that_nobody_shows_writes_nothing(local_tmp: Path) -> None:
    open_folder("another-task")
    assert writer_for("task", "localhost") is None
    assert read_snapshots() == []


def test_the_last_state_is_read_until_the_task_ends() -> None:
    open_folder("task")
    writer = writer_for("task", "localhost")
    assert writer is not None
    writer.write({"index": {"found": 1}})
    writer.write({"index": {"found": 2}})
    assert read_snapshots() == [Snapshot("localhost", {"index": {"found": 2}})]
    writer.close()
    assert read_snapshots() == []
    writer.close()


def test_a_task_does_not_fail_when_its_folder_is_gone() -> None:
    open_folder("task")
    writer = writer_for("task", "localhost")
    assert writer is not None
    close_folder("task")
    writer.write({"index": {"found": 1}})
    writer.close()
    assert read_snapshots() == []


@pytest.mark.parametrize(
    ("environment", "stdout_callback", "watched"),
    [
        ({"TERM": "xterm"}, "default", True),
        ({"TERM": "xterm", "CI": ""}, "default", True),
        ({"TERM": "xterm", "CI": "true"}, "default", False),
        ({"TERM": "dumb"}, "default", False),
        ({}, "default", False),
        ({"TERM": "xterm", "AWX_ISOLATED_DATA_DIR": "/runner/artifacts/7"}, "default", False),
        ({"TERM": "xterm"}, "awx_display", False),
    ],
)
def test_only_a_terminal_with_somebody_before_it_is_watched(
    environment: dict[str, str], stdout_callback: str, watched: bool
) -> None:
    assert is_watched(Terminal(), environment, stdout_callback) is watched
    assert not is_watched(io.StringIO(), environment, stdout_callback)
