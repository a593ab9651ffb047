# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The image in which the stand-in runs in place of Strimzi's operator: base, libraries, this code."""

from __future__ import annotations

from pathlib import Path

from tests.cluster import libraries, standard_images
from tests.cluster.images import Image, Layer

NAME = "localhost/loggy-test/strimzi-operator:1"
_FOLDER = "/opt/strimzi"
_PACKAGE = Path(__file__).resolve().parent
_PINNED = _PACKAGE / "requirements.txt"
_RUN = f"""\
#!/bin/sh
PYTHONPATH={_FOLDER}/libs:{_FOLDER}/lib exec python3 -B -u -m tests.cluster.operator
"""


def operator() -> Image:
    installed = Layer.from_files({f"{_FOLDER}/libs": libraries.install("operator", _PINNED)})
    sources = sorted(path for path in _PACKAGE.glob("*.py") if path.name != "image.py")
    code = Layer.from_files({f"{_FOLDER}/lib/tests/cluster/operator/{path.name}": path for path in sources})
    script = Layer.from_texts({f"{_FOLDER}/bin/cluster_operator_run.sh": _RUN}, mode=0o755)
    return standard_images.on_base(NAME, [installed, script, code])
