# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine that the tests of artefacts run on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.artifacts.machine import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    # Not imported above: pytest-ansible finds no collection that was imported before it was set up, as conftest.py is.
    from tests.unit.artifacts.machine import Machine

    return Machine(tmp_path)
