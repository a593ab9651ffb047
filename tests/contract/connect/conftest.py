# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that the tests share with a worker."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder for a worker that runs as another user, too: nobody else may enter pytest's own."""
    before = os.umask(0)
    with tempfile.TemporaryDirectory(prefix="loggy-") as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)
    os.umask(before)
