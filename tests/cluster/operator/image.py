# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The image in which the stand-in runs in place of Strimzi's operator: base, libraries, this code."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from tests.cluster import paths, standard_images
from tests.cluster.commands import run, say
from tests.cluster.images import Image, Layer

NAME = "localhost/loggy-test/strimzi-operator:1"
_FOLDER = "/opt/strimzi"
_PACKAGE = Path(__file__).resolve().parent
_RUN = f"""\
#!/bin/sh
PYTHONPATH={_FOLDER}/libs:{_FOLDER}/lib exec python3 -B -u -m tests.cluster.operator
"""
_PIP_SECONDS = 300
# What the base image's Python is: libraries with compiled parts must be of that one.
_PYTHON = "3.11"


def operator() -> Image:
    libraries = Layer.from_files({f"{_FOLDER}/libs": _libraries()})
    sources = sorted(path for path in _PACKAGE.glob("*.py") if path.name != "image.py")
    code = Layer.from_files({f"{_FOLDER}/lib/tests/cluster/operator/{path.name}": path for path in sources})
    script = Layer.from_texts({f"{_FOLDER}/bin/cluster_operator_run.sh": _RUN}, mode=0o755)
    return standard_images.on_base(NAME, [libraries, script, code])


def _libraries() -> Path:
    """Installed once for each list of them."""
    pinned = _PACKAGE / "requirements.txt"
    key = hashlib.sha256(pinned.read_bytes()).hexdigest()[:16]
    folder = paths.CACHE / "operator-libraries" / key
    if not folder.is_dir():
        say("Installing the stand-in operator's libraries")
        part = folder.with_suffix(".part")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--only-binary", ":all:"]
        wanted = ["--python-version", _PYTHON, "--target", str(part), "--upgrade", "--requirement", str(pinned)]
        run([*command, *wanted], timeout=_PIP_SECONDS)
        part.rename(folder)
    return folder
