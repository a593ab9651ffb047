# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an artefact's files come from: looked at to plan, fetched through the cache and laid down to stage."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import CommandFailed, InvalidInput
from .archive import unpack
from .cache import Cache
from .checksum import compare_sums, file_digest, verify
from .declaration import Artifact, LocalPath, Maven, MavenCommand, Project, Url, is_archive
from .download import download
from .maven import build_project, copy_artifacts
from .place import place_file, place_tree
from .plan import Manifest, Record
from .scan import scan
from .tree import tree_digest


def look_at_artifact(artifact: Artifact, manifest: Manifest | None) -> Record:
    """The artefact with a digest over the local files that it is made from.

    :param manifest: spares reading the files whose size and time it knows.
    """
    known = manifest.known_sources(artifact.location) if manifest is not None else {}
    if isinstance(artifact, LocalPath):
        sources = scan(_existing(artifact.path, "artefact"), known, follow=True, skip=_is_bytecode)
        if artifact.checksum is not None:
            verify(artifact.path, artifact.checksum, str(artifact), known=sources[artifact.path.name].digest)
    elif isinstance(artifact, Project):
        if not (_existing(artifact.project, "project") / "pom.xml").is_file():
            raise InvalidInput(
                f"The project {artifact.project} has no pom.xml.", advice="Name a Maven project's folder."
            )
        sources = scan(artifact.project, known, follow=True, skip=_is_no_source)
    else:
        sources = {}
    digest = tree_digest(sources) if sources else ""
    return Record(str(artifact), artifact.declared, digest, artifact.location, sources)


def _existing(path: Path, what: str) -> Path:
    if not path.exists():
        raise InvalidInput(f"The {what} {path} is not there.", advice="Correct its path.")
    return path


def _is_bytecode(path: Path) -> bool:
    """Whether it is what Python leaves beside the code that it ran, anew whenever it likes."""
    return path.name == "__pycache__"


def _is_no_source(path: Path) -> bool:
    """Whether it is what Maven, an editor, git or a test run leaves in a project's folder."""
    if path.name.startswith("."):
        return path.name != ".mvn"
    return path.name == "target" and path.with_name("pom.xml").is_file()


@dataclass(frozen=True)
class Store:
    """Lays artefacts down. To be used with the cache locked."""

    cache: Cache
    maven: MavenCommand
    progress: Callable[[str], None]

    def lay(self, artifact: Artifact, record: Record, root: Path) -> None:
        """:param root: the staging folder that gets the files."""
        if isinstance(artifact, LocalPath):
            self._lay_local(artifact, record, root)
        elif isinstance(artifact, Url):
            _lay_file(self._downloaded(artifact), root, artifact, str(artifact))
        elif isinstance(artifact, Maven):
            for path in sorted(self._resolved(artifact).iterdir()):
                _lay_file(path, root, artifact, f"{path.name} of {artifact}")
        else:
            self._lay_project(artifact, record, root)

    def _lay_local(self, artifact: LocalPath, record: Record, root: Path) -> None:
        if artifact.path.is_dir():
            place_tree(root, artifact.path, record.sources)
            return
        if artifact.checksum is not None:
            verify(artifact.path, artifact.checksum, str(artifact))
        _lay_file(artifact.path, root, artifact, str(artifact))

    def _downloaded(self, artifact: Url) -> Path:
        def fill(work: Path, files: Path) -> None:
            self.progress(f"downloading {artifact}")
            download(artifact, files, self.maven.timeout)

        key = f"{artifact.checksum.algorithm}-{artifact.checksum.value}-{artifact.name}"
        return self.cache.entry("downloads", key, fill) / artifact.name

    def _resolved(self, artifact: Maven) -> Path:
        def fill(work: Path, files: Path) -> None:
            self.progress(f"getting {artifact} by Maven")
            copy_artifacts(self.maven, artifact, work, files)

        folder = self.cache.entry("maven", _key(artifact.resolved), fill)
        found = {path.name: path for path in folder.iterdir()}
        if artifact.sums is not None:
            compare_sums(dict(artifact.sums), {name: file_digest(path) for name, path in found.items()}, str(artifact))
        if artifact.checksum is not None:
            for path in found.values():
                verify(path, artifact.checksum, str(artifact))
        return folder

    def _lay_project(self, artifact: Project, record: Record, root: Path) -> None:
        def fill(work: Path, files: Path) -> None:
            self.progress(f"building {artifact.project} by Maven")
            place_tree(files, artifact.project, record.sources)
            if tree_digest(scan(files)) != record.digest:
                raise InvalidInput(f"The project {artifact.project} changed while it was copied.", advice="Run again.")
            build_project(self.maven, files, artifact.project)

        built = self.cache.entry("projects", record.digest, fill) / artifact.folder
        if not built.is_dir() or not any(built.iterdir()):
            raise CommandFailed(
                f"The build of {artifact.project} left nothing in {artifact.folder}.", advice="Correct folder."
            )
        place_tree(root, built, scan(built))


def _key(value: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _lay_file(path: Path, root: Path, layout: LocalPath | Url | Maven, what: str) -> None:
    if layout.unpack and is_archive(path.name):
        unpack(path, root, layout.strip, what)
    else:
        place_file(root, path, path.name)
