# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs in a pod, with nothing but Python: downloads connector plug-ins, and checks what it got.

Usage: fetch_plugins.py PLUGINS.json FOLDER_OF_THE_IMAGE TARGET
"""

from __future__ import annotations

import hashlib
import json
import shutil
import ssl
import sys
import urllib.request
from pathlib import Path
from typing import Any


def main(listed: Path, included: Path, target: Path) -> None:
    """Plug-ins that the image brings stay: the target will be laid over them."""
    if included.is_dir():
        shutil.copytree(included, target, dirs_exist_ok=True)
    for plugin in json.loads(listed.read_text("utf-8")):
        folder = target / plugin["name"]
        folder.mkdir(parents=True, exist_ok=True)
        for artifact in plugin["artifacts"]:
            fetch(artifact, folder)


def fetch(artifact: dict[str, Any], folder: Path) -> None:
    url, kind = artifact["url"], artifact["type"]
    suffix = {"jar": ".jar", "zip": ".zip", "tgz": ".tgz"}.get(kind, "")
    path = folder / (artifact.get("fileName") or hashlib.sha256(url.encode()).hexdigest()[:8] + suffix)
    # Broken certificates are only overlooked where the resource says so.
    context = ssl._create_unverified_context() if artifact.get("insecure") else None
    with urllib.request.urlopen(url, timeout=60, context=context) as answer, path.open("wb") as file:
        shutil.copyfileobj(answer, file)
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha512").hexdigest()
    wanted = artifact.get("sha512sum")
    if wanted and wanted.lower() != found:
        sys.exit(f"{url}: FAILED\nsha512sum: WARNING: 1 computed checksum did NOT match: {found}")
    if kind in {"zip", "tgz"}:
        shutil.unpack_archive(path, folder, {"zip": "zip", "tgz": "gztar"}[kind])
        path.unlink()
    print(f"{url}: OK")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
