# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archive as ``make dist`` makes it, and the programs that are asked about it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.release.environments import Environment, environment
from tests.tooling import dist

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    dist.main([str(folder)])
    return next(folder.glob("loggy-pipeline-*.tar.gz"))


@pytest.fixture(scope="session")
def tools() -> Environment:
    """galaxy-importer and ansible-builder."""
    return environment("tools", Path(sys.executable), "--requirement", str(ROOT / "requirements" / "release.txt"))
