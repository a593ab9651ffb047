# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of artefacts are made from: archives, a project, and a ``mvn`` that needs no repository."""

from __future__ import annotations

import hashlib
import io
import stat
import tarfile
import zipfile
from pathlib import Path

# Gives the jars of $repository to copy goals; "builds" each module's one source file into a jar. Counts its calls.
MAVEN = """#!/bin/sh
echo "$@" >> "{calls}"
for argument in "$@"; do
  case "$argument" in
    -DoutputDirectory=*) cp "{repository}"/* "${{argument#*=}}" ;;
    package) for source in */Source.java; do
        module="${{source%/*}}"
        mkdir -p "$module/target/plugin" && cp "$source" "$module/target/plugin/$module.jar"
      done ;;
  esac
done
"""


class FakeMaven:
    """:param repository: whose files each coordinate resolves to."""

    def __init__(self, folder: Path) -> None:
        self.repository = folder / "repository"
        self.repository.mkdir(parents=True)
        self._calls = folder / "calls"
        self.executable = folder / "mvn"
        self.runs(MAVEN)

    def runs(self, script: str) -> None:
        self.executable.write_text(script.format(calls=self._calls, repository=self.repository))
        self.executable.chmod(0o755)

    def calls(self) -> list[str]:
        return self._calls.read_text().splitlines() if self._calls.exists() else []


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make_zip(path: Path, files: dict[str, str], executable: tuple[str, ...] = (), links: tuple[str, ...] = ()) -> Path:
    """:param links: the names in ``files`` that are links to their contents."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            kind = stat.S_IFLNK if name in links else stat.S_IFDIR if name.endswith("/") else stat.S_IFREG
            info.external_attr = (kind | (0o755 if name in executable else 0o644)) << 16
            archive.writestr(info, content)
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", mode: int = 0o644) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, mode
    return info


def make_tar(path: Path, *members: tarfile.TarInfo) -> Path:
    """Each regular member holds its own name."""
    with tarfile.open(path, "w:gz") as archive:
        for info in members:
            content = info.name.encode() if info.isreg() else b""
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def make_project(path: Path, **modules: str) -> Path:
    """:param modules: name -> content of its one source file."""
    (path).mkdir()
    (path / "pom.xml").write_text("<project/>")
    for name, source in modules.items():
        (path / name).mkdir()
        (path / name / "pom.xml").write_text("<project/>")
        (path / name / "Source.java").write_text(source)
    return path


def held(folder: Path) -> dict[str, str]:
    """The contents of all files below, without the module's own."""
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".artifact_folder.json"
    }
