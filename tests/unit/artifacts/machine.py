# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine with a ``mvn``, a cache and a place for folders; the operation called as a module calls it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.loggy.pipeline.plugins.module_utils.artifacts.folders import OPERATION

from tests.unit.artifacts.samples import FakeMaven
from tests.unit.run_operation import run_operation


class Machine:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.cache = path / "cache"
        self.opt = path / "opt"
        self.opt.mkdir()
        self.maven = FakeMaven(path / "maven")

    def run(self, *folders: dict[str, Any], check_mode: bool = False, **options: Any) -> dict[str, Any]:
        """:param folders: their paths are relative to ``opt``."""
        placed = [{**folder, "path": str(self.opt / folder["path"])} for folder in folders]
        options = {"cache": str(self.cache), "maven_executable": str(self.maven.executable), **options}
        return run_operation(OPERATION, check_mode=check_mode, folders=placed, **options)

    def snapshot(self) -> dict[str, tuple[int, bytes]]:
        """Everything below the machine's folder that a run could have changed."""
        return {
            str(path): (path.lstat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
            for path in sorted(self.path.rglob("*"))
        }
