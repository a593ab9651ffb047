# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When connectors count as having come to rest. States from before a change must not be taken for those after it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.connect.model import Connector, Task
from ansible_collections.loggy.pipeline.plugins.module_utils.connect.plan import Change, Desired
from ansible_collections.loggy.pipeline.plugins.module_utils.connect.settling import (
    DELETION_SECONDS,
    SETTLING_SECONDS,
    Settling,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import NotReady

RUNNING = Connector("a", {}, "RUNNING", tasks=(Task(0, "RUNNING", "w"),), expected_tasks=(0,))
FAILED = replace(RUNNING, tasks=(Task(0, "FAILED", "w", "org.X: broken"),))
RESTARTING = replace(RUNNING, tasks=(Task(0, "RESTARTING", "w", "org.X: broken"),))


class Watch:
    """A Settling of one connector, and the clock that it looks at."""

    def __init__(self, state: str, actual: Connector | None, *kinds: str) -> None:
        self.now = 100.0
        desired = Desired("a", None, state)
        changes = [Change(desired, actual, kinds)] if kinds else []
        self._settling = Settling([desired], changes, clock=lambda: self.now)

    def sees(self, connector: Connector | None, *, has_status: bool = False) -> str:
        return self._settling.look({} if connector is None else {"a": connector}, lambda name: has_status)


def test_what_did_not_change_is_taken_as_it_is() -> None:
    assert Watch("running", RUNNING).sees(RUNNING) == ""
    with pytest.raises(NotReady, match=r"connector a: task 0 FAILED on w: org\.X: broken"):
        Watch("running", FAILED).sees(FAILED)


def test_a_created_connector_is_waited_for_and_its_first_state_is_its_own() -> None:
    watch = Watch("running", None, "created")
    assert watch.sees(None) == "a: no worker has taken it yet"
    assert watch.sees(replace(RUNNING, tasks=())) == "a: RUNNING, 0/1 tasks"
    assert watch.sees(RUNNING) == ""


def test_running_after_a_changed_config_must_last() -> None:
    watch = Watch("running", RUNNING, "config")
    assert watch.sees(RUNNING) == "a: RUNNING, 1/1 tasks, as before the change"
    watch.now += SETTLING_SECONDS
    assert watch.sees(RUNNING) == ""


def test_a_failure_that_a_changed_config_brings_about_is_seen() -> None:
    watch = Watch("running", RUNNING, "config")
    watch.sees(RUNNING)
    watch.now += SETTLING_SECONDS
    with pytest.raises(NotReady, match="FAILED"):
        watch.sees(FAILED)


def test_a_failure_from_before_a_restart_is_not_taken_for_one_after_it() -> None:
    watch = Watch("running", FAILED, "restarted")
    assert "as before the change" in watch.sees(FAILED)
    assert watch.sees(RESTARTING) == "a: RUNNING, 0/1 tasks (RESTARTING)"
    with pytest.raises(NotReady, match="FAILED"):
        watch.sees(FAILED)


def test_a_restart_that_is_over_before_it_was_seen_fails_all_the_same() -> None:
    watch = Watch("running", FAILED, "restarted")
    watch.sees(FAILED)
    watch.now += SETTLING_SECONDS
    with pytest.raises(NotReady, match="FAILED"):
        watch.sees(FAILED)


def test_a_restart_that_heals_is_done_at_once() -> None:
    assert Watch("running", FAILED, "restarted").sees(RUNNING) == ""


def test_stopping_ends_with_the_last_task_and_is_no_failure_on_the_way() -> None:
    watch = Watch("stopped", FAILED, "state")
    watch.now += SETTLING_SECONDS
    assert watch.sees(replace(FAILED, state="STOPPED")) == "a: task 0 FAILED on w: org.X: broken"
    assert watch.sees(replace(FAILED, state="STOPPED", tasks=())) == ""


def test_a_deletion_ends_when_no_task_is_left() -> None:
    watch = Watch("absent", RUNNING, "deleted")
    assert watch.sees(RUNNING) == "a: its tasks are still ending"
    assert watch.sees(None, has_status=True) == "a: its tasks are still ending"
    assert watch.sees(None) == ""


def test_a_worker_that_died_can_not_keep_a_deletion_from_ending() -> None:
    watch = Watch("absent", RUNNING, "deleted")
    watch.now += DELETION_SECONDS + 1
    assert watch.sees(None, has_status=True) == ""
