# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taken out again: the last of the tests that share the pipeline."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e_cluster.objects import all_objects, collector
from tests.pipeline import Pipeline

pytestmark = pytest.mark.e2e


def test_purge_tells_what_it_would_take_out_and_then_leaves_the_cluster_as_it_was(
    built: Pipeline, before: tuple[set[str], dict[str, Any]]
) -> None:
    there = all_objects()
    assert built.playbook("purge", "--check", "--diff").expect_success().changed > 0
    assert all_objects() == there
    built.playbook("purge").expect_success()
    assert (all_objects(), collector()) == before
    assert built.playbook("purge").expect_success().changed == 0
