# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a play of a test's own with the collection of this checkout, as ansible-playbook does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]


def run_play(folder: Path, play: dict[str, Any], *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """:param folder: where the play is written; its lookups search there, as outside of a role they do beside the play.
    :param play: without hosts and facts, which are those of the pipeline's own playbooks.
    """
    whole = {"hosts": "localhost", "gather_subset": ["!all", "!min", "user", "env"], **play}
    (folder / "play.yml").write_text(yaml.safe_dump([whole]), encoding="utf-8")
    return subprocess.run(
        [str(Path(sys.executable).with_name("ansible-playbook")), str(folder / "play.yml"), *options],
        cwd=ROOT,
        env={
            **os.environ,
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": f"{ROOT}/collections",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def run_play_well(folder: Path, play: dict[str, Any]) -> None:
    done = run_play(folder, play)
    assert done.returncode == 0, done.stdout + done.stderr
