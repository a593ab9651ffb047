# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pipeline that a session's tests share: built once by site.yml, taken out at the end by purge.yml."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline import Pipeline


def short_folder() -> Path:
    """A folder whose path is short enough for supervisor's Unix socket, and that the service user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="loggy-", dir="/tmp"))
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="session")
def pipeline() -> Iterator[Pipeline]:
    """Not built yet; ``built`` is."""
    folder = short_folder()
    pipeline = Pipeline(folder / "state")
    yield pipeline
    if pipeline.state_dir.exists():
        pipeline.playbook("purge").expect_success()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def built(pipeline: Pipeline) -> Pipeline:
    pipeline.playbook("site").expect_success()
    return pipeline
