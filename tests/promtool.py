"""Prometheus' own programs: those that are installed, or Debian's, unpacked into the cache folder.

Unpacked, not installed: that needs no root, and starts no service.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "loggy.pipeline" / "debian"


@cache
def prometheus_program(name: str) -> str | None:
    """:param name: ``promtool`` or ``prometheus``; None where it can't be had."""
    unpacked = CACHE / "prometheus" / "usr" / "bin" / name
    if found := shutil.which(name):
        return found
    if not unpacked.exists() and shutil.which("apt-get") and shutil.which("dpkg-deb"):
        _unpack(CACHE / "prometheus")
    return str(unpacked) if unpacked.exists() else None


def _unpack(folder: Path) -> None:
    """Into a folder of its own first, so that nobody finds half of it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        got = subprocess.run(["apt-get", "download", "-q", "prometheus"], cwd=scratch, capture_output=True, check=False)
        packages = list(Path(scratch).glob("*.deb"))
        if got.returncode or not packages:
            return
        unpacked = Path(scratch) / "unpacked"
        subprocess.run(["dpkg-deb", "-x", str(packages[0]), str(unpacked)], check=True)
        if not folder.exists():
            unpacked.rename(folder)
