# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows a commute that is under way on the terminal of somebody who watches. Says nothing where nobody does."""

from __future__ import annotations

DOCUMENTATION = r"""
name: commute_progress
type: notification
short_description: Show Loggy's commute while it is under way
version_added: 0.1.0
description:
  - While a task with M(loggy.pipeline.loggy_commute) runs, one line for each stop tells how many lines of how many were
    found there, how many copies there are, and why a stop can't be read. The lines are drawn over in place, four times
    a second, and are gone when the task ends. What a task prints at its end stays as it is.
  - It takes the place of the lines that the module prints without it.
  - It is quiet unless standard output is a terminal that understands control sequences. So it is in a file, in a pipe,
    with E(TERM=dumb), where E(CI) is set, and in ansible-runner, with which AWX and Ansible Automation Platform start
    playbooks. There it neither prints nor writes anything.
  - Without colour where Ansible itself has none, as with C(NO_COLOR).
  - It shows tasks that run in the controller's process, which is so with a local connection. Delegated to another host,
    a task can't be watched.
requirements:
  - Enable it in C(callbacks_enabled). A checkout's own C(ansible.cfg) does.
author:
  - Loggy pipeline authors (@loggy)
"""

EXAMPLES = r"""
ansible_cfg: |
  [defaults]
  callbacks_enabled = loggy.pipeline.commute_progress
"""

import atexit
import os
import shutil
import sys
import threading
from collections.abc import Mapping
from typing import Any, TextIO

from ansible import constants
from ansible.plugins.callback import CallbackBase
from ansible.utils.color import stringc
from ansible_collections.loggy.pipeline.plugins.plugin_utils.live_lines import Look, live_lines
from ansible_collections.loggy.pipeline.plugins.plugin_utils.screen import Screen
from ansible_collections.loggy.pipeline.plugins.plugin_utils.snapshots import (
    close_folder,
    open_folder,
    read_snapshots,
)

_ACTIONS = ("loggy.pipeline.loggy_commute", "loggy_commute")
_SECONDS = 0.25
_COLOURS = {"good": constants.COLOR_OK, "bad": constants.COLOR_ERROR}


class CallbackModule(CallbackBase):  # type: ignore[misc]
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "loggy.pipeline.commute_progress"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self.disabled = not is_watched(sys.stdout, os.environ, constants.DEFAULT_STDOUT_CALLBACK)
        self._running: set[tuple[str, str]] = set()
        self._screen = Screen(self._display._lock)
        self._ended = threading.Event()

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        if task.action not in _ACTIONS:
            return
        open_folder(task._uuid)
        if not self._running:
            self._screen.open()
            self._ended = threading.Event()
            threading.Thread(target=self._draw, args=(self._ended,), daemon=True).start()
            # However the playbook ends; a second call does nothing.
            atexit.register(self._close)
        self._running.add((task._uuid, host.name))

    def v2_runner_on_ok(self, result: Any) -> None:
        self._end(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._end(result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._end(result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._end(result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        self._close()

    def _end(self, result: Any) -> None:
        uuid = result.task._uuid
        if (uuid, result.host.name) not in self._running:
            return
        self._running.remove((uuid, result.host.name))
        if not any(running == uuid for running, _host in self._running):
            close_folder(uuid)
        if not self._running:
            self._close()

    def _close(self) -> None:
        atexit.unregister(self._close)
        self._running.clear()
        self._ended.set()
        self._screen.close()

    def _draw(self, ended: threading.Event) -> None:
        while not ended.wait(_SECONDS):
            self._screen.draw(live_lines(read_snapshots(), _look()))


def is_watched(stream: TextIO, environment: Mapping[str, str], stdout_callback: str) -> bool:
    """Whether somebody sees lines that are drawn over."""
    # AWX's log is a terminal to the playbook, too: ansible-runner makes one, and sets both of these.
    in_runner = "AWX_ISOLATED_DATA_DIR" in environment or stdout_callback == "awx_display"
    is_terminal = stream.isatty() and environment.get("TERM", "dumb") != "dumb"
    return is_terminal and not in_runner and not environment.get("CI")


def _look() -> Look:
    columns, rows = shutil.get_terminal_size()
    is_unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    return Look(columns, rows, is_unicode, lambda text, colour: stringc(text, _COLOURS[colour]))
