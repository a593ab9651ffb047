# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual environments beside .venv, kept in the cache folder: what a release is tried with."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.tooling.gate import CACHE

OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True)
class Environment:
    folder: Path

    def run(self, *command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """With the programs of this environment first, and without Ansible's settings of the caller's."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "PYTHON"))}
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            [self.folder / "bin" / command[0], *command[1:]],
            cwd=cwd,
            env={**inherited, "PATH": path, "ANSIBLE_HOME": str(cwd / "home"), "ANSIBLE_NOCOLOR": "1", **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def version_of(self, package: str) -> str:
        code = f"import importlib.metadata; print(importlib.metadata.version({package!r}))"
        return self.run("python", "-c", code, cwd=self.folder).stdout.strip()


def environment(name: str, python: Path, *wanted: str) -> Environment:
    """:param wanted: as pip takes it. What is there already is asked of no index."""
    folder = CACHE / "release" / name
    if not (folder / "bin" / "pip").exists() or not (folder / "bin" / "python").exists():
        subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
    options = ("--quiet", "--disable-pip-version-check", "--no-compile")
    subprocess.run((folder / "bin" / "pip", "install", *options, *wanted), check=True)
    return Environment(folder)


def pythons() -> dict[tuple[int, int], Path]:
    """Every Python here that is new enough, by its version: on PATH, and those that pyenv keeps off it."""
    kept = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    here = Path(sys.executable).resolve()
    candidates = [here, *kept.glob("*/bin/python3.*"), *_on_path()]
    # Of several with one version the one that runs this; pyenv's shims don't run, so they are asked.
    found = {version: path for path in reversed(candidates) if (version := _version(path)) >= OLDEST_PYTHON}
    return dict(sorted(found.items()))


def _on_path() -> Iterator[Path]:
    for minor in range(OLDEST_PYTHON[1], OLDEST_PYTHON[1] + 10):
        if program := shutil.which(f"python3.{minor}"):
            yield Path(program)


def _version(python: Path) -> tuple[int, int]:
    if not re.fullmatch(r"python3(\.\d+)?", python.name):
        return (0, 0)
    code = "import ensurepip, sys; print(*sys.version_info[:2])"
    told = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    major, minor = told.stdout.split() if told.returncode == 0 else (0, 0)
    return int(major), int(minor)
