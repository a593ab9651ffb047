# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The image of the canary on the test cluster: what Containerfile makes, without a container engine."""

from __future__ import annotations

from tests.cluster import libraries, paths, standard_images
from tests.cluster.images import Image, Layer

NAME = "localhost/loggy-test/canary:1"
PROGRAM = "ansible_collections.loggy.pipeline.plugins.module_utils.canary.program"
_FOLDER = "/opt/canary"
_CODE = "ansible_collections/loggy/pipeline/plugins/module_utils"
_USER = "65532:65532"
_PINNED = paths.ROOT / "roles" / "canary" / "files" / "requirements.txt"
# In the place of the virtual environment's: the libraries are found by PYTHONPATH.
_PYTHON = """\
#!/bin/sh
exec python3 -B "$@"
"""


def canary() -> Image:
    sources = paths.ROOT / "plugins" / "module_utils"
    code = {f"{_FOLDER}/code/{_CODE}/{path.relative_to(sources)}": path for path in sources.rglob("*.py")}
    layers = [
        *standard_images.base().layers,
        Layer.from_files({f"{_FOLDER}/libs": libraries.install("canary", _PINNED)}),
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
