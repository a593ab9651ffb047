# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The image of the canary on the test cluster: what Containerfile makes, without a container engine."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from tests.cluster import paths, standard_images
from tests.cluster.commands import run, say
from tests.cluster.images import Image, Layer

NAME = "localhost/loggy-test/canary:1"
PROGRAM = "ansible_collections.loggy.pipeline.plugins.module_utils.canary.program"
_FOLDER = "/opt/canary"
_CODE = "ansible_collections/loggy/pipeline/plugins/module_utils"
_USER = "65532:65532"
# In the place of the virtual environment's: the libraries are found by PYTHONPATH.
_PYTHON = """\
#!/bin/sh
exec python3 -B "$@"
"""
_PIP_SECONDS = 300
# What the base image's Python is: libraries with compiled parts must be of that one.
_PYTHON_VERSION = "3.11"


def canary() -> Image:
    sources = paths.ROOT / "plugins" / "module_utils"
    code = {f"{_FOLDER}/code/{_CODE}/{path.relative_to(sources)}": path for path in sources.rglob("*.py")}
    layers = [
        *standard_images.base().layers,
        Layer.from_files({f"{_FOLDER}/libs": _libraries()}),
        Layer.from_texts({f"{_FOLDER}/bin/python": _PYTHON}, mode=0o755),
        Layer.from_files(code),
    ]
    return Image(
        NAME,
        layers,
        entrypoint=[f"{_FOLDER}/bin/python", "-m", PROGRAM],
        env={
            **standard_images.ENVIRONMENT,
            "PYTHONPATH": f"{_FOLDER}/code:{_FOLDER}/libs",
            "PYTHONUNBUFFERED": "1",
        },
        user=_USER,
    )


def _libraries() -> Path:
    """Installed once for each list of them."""
    pinned = paths.ROOT / "roles" / "canary" / "files" / "requirements.txt"
    key = hashlib.sha256(pinned.read_bytes()).hexdigest()[:16]
    folder = paths.CACHE / "canary-libraries" / key
    if not folder.is_dir():
        say("Installing the canary's libraries")
        part = folder.with_suffix(".part")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--only-binary", ":all:"]
        wanted = ["--python-version", _PYTHON_VERSION, "--target", str(part), "--upgrade", "--requirement", str(pinned)]
        run([*command, *wanted], timeout=_PIP_SECONDS)
        part.rename(folder)
    return folder
