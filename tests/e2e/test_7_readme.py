# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The README's commands, run as they are written: in a new clone, by a user who is not root, with only caches."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.conftest import short_folder
from tests.pipeline import ROOT

pytestmark = pytest.mark.e2e

USER = "loggy-reader"
DEFAULT_PORTS = {9092, 9093, 8083, 9200, 9300, 24224}


@dataclass(frozen=True)
class Newcomer:
    """Somebody with a clone and a home of their own."""

    home: Path
    prefix: tuple[str, ...]

    def types(self, command: str) -> str:
        """Runs one command line of the README in the clone."""
        environment = {
            "HOME": str(self.home),
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "XDG_CACHE_HOME": str(self.home / ".cache"),
            **{name: value for name, value in os.environ.items() if name.startswith("PIP_") or "proxy" in name.lower()},
        }
        done = subprocess.run(
            [*self.prefix, "bash", "-c", command],
            cwd=self.home / "pipeline",
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            timeout=1200,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout


def readme_commands() -> list[str]:
    """The lines of the README's first block of commands, comments cut off."""
    block = re.search(r"```(?:sh|bash|console)\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert block, "README.md shows no commands"
    return [line.split("#")[0].strip() for line in block.group(1).splitlines() if line.split("#")[0].strip()]


@pytest.fixture(scope="module")
def newcomer() -> Iterator[Newcomer]:
    if taken := DEFAULT_PORTS & {connection.laddr.port for connection in psutil.net_connections() if connection.laddr}:
        pytest.skip(f"the README uses the default ports, and these are taken: {sorted(taken)}")
    folder = short_folder()
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(folder / "pipeline")], check=True)
    prefix: tuple[str, ...] = ()
    if os.geteuid() == 0:
        subprocess.run(["useradd", "--system", "--home-dir", str(folder), "--shell", "/bin/bash", USER], check=True)
        subprocess.run(["chown", "-R", USER, str(folder)], check=True)
        prefix = ("runuser", "-u", USER, "--")
    yield Newcomer(folder, prefix)
    if prefix:
        subprocess.run(["userdel", USER], check=True)
    shutil.rmtree(folder)


def test_the_readme_shows_the_two_commands_first() -> None:
    assert readme_commands()[-2:] == ["make run", "make test"]


def test_the_commands_as_written_end_with_loggy_found_and_again_without_a_change(newcomer: Newcomer) -> None:
    first = newcomer.types("make run")
    assert "arrived" in first
    again = newcomer.types("make run")
    assert re.search(r"localhost .*changed=0 ", again)
    assert "arrived" in again
    gone = newcomer.types("make purge")
    assert re.search(r"localhost .*failed=0 ", gone)
    assert not (newcomer.home / ".local" / "state" / "loggy.pipeline").exists()
    assert not psutil_of(USER)


def psutil_of(user: str) -> list[int]:
    return [process.pid for process in psutil.process_iter(["username"]) if process.info["username"] == user]
