# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Python libraries for images, installed once for each list of them."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from tests.cluster import paths
from tests.cluster.commands import run, say

# What the base image's Python is: libraries with compiled parts must be of that one.
_PYTHON = "3.11"
_SECONDS = 300


def install(name: str, pinned: Path) -> Path:
    """:param name: of the program that needs them; :param pinned: the list, as pip takes it.

    :returns: a folder for PYTHONPATH.
    """
    key = hashlib.sha256(pinned.read_bytes()).hexdigest()[:16]
    folder = paths.CACHE / f"{name}-libraries" / key
    if not folder.is_dir():
        say(f"Installing the libraries of {name}")
        part = folder.with_suffix(".part")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--only-binary", ":all:"]
        wanted = ["--python-version", _PYTHON, "--target", str(part), "--upgrade", "--requirement", str(pinned)]
        run([*command, *wanted], timeout=_SECONDS)
        part.rename(folder)
    return folder
