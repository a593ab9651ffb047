# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pipeline of the benches, whose playbooks say how long each task took."""

from __future__ import annotations

import pytest

from tests.bench.measure import print_machine
from tests.pipeline import Pipeline


@pytest.fixture(scope="session")
def pipeline(pipeline: Pipeline) -> Pipeline:
    print_machine()
    pipeline.environment["ANSIBLE_CALLBACKS_ENABLED"] = "ansible.posix.profile_tasks"
    pipeline.environment["PROFILE_TASKS_TASK_OUTPUT_LIMIT"] = "all"
    return pipeline
