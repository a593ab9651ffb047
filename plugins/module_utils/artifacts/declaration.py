# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user declares: folders and the artefacts that give their files. Pure; looks at no file and no network."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from ..errors import InvalidInput
from ..redact import redact_text

ARCHIVE_SUFFIXES = (".zip", ".tar.gz", ".tgz")
_DIGEST_LENGTH = {"sha256": 64, "sha512": 128}
_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_EXCLUSION = re.compile(r"([A-Za-z0-9_.-]+|\*):([A-Za-z0-9_.-]+|\*)")


def is_archive(name: str) -> bool:
    return name.endswith(ARCHIVE_SUFFIXES)


@dataclass(frozen=True)
class Checksum:
    """:param algorithm: sha256 or sha512; :param value: hexadecimal, lower case."""

    algorithm: str
    value: str

    @classmethod
    def parse(cls, text: str) -> Checksum:
        algorithm, _colon, value = text.strip().lower().partition(":")
        length = _DIGEST_LENGTH.get(algorithm)
        if length is None or not re.fullmatch(f"[0-9a-f]{{{length}}}", value):
            raise InvalidInput(f"The checksum {text!r} is not sha256: and 64, or sha512: and 128, hexadecimal digits.")
        return cls(algorithm, value)

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.value}"


@dataclass(frozen=True)
class Coordinate:
    """One artefact of a Maven repository, pinned: a range or LATEST would give other files another day."""

    group: str
    artifact: str
    version: str
    packaging: str = "jar"
    classifier: str = ""

    @classmethod
    def parse(cls, text: str) -> Coordinate:
        parts = text.split(":")
        if not 3 <= len(parts) <= 5 or not all(_NAME.fullmatch(part) for part in parts):
            raise InvalidInput(f"The Maven coordinate {text!r} is not group:artifact:version[:packaging[:classifier]].")
        if parts[2] in ("LATEST", "RELEASE"):
            raise InvalidInput(f"The Maven coordinate {text!r} pins no version.", advice="Name the version.")
        return cls(*parts)

    @property
    def is_archive(self) -> bool:
        return is_archive(f".{self.packaging}")

    def __str__(self) -> str:
        parts = [self.group, self.artifact, self.version]
        if self.classifier or self.packaging != "jar":
            parts.append(self.packaging)
        return ":".join(parts + ([self.classifier] if self.classifier else []))


@dataclass(frozen=True)
class LocalPath:
    """A folder, jar or archive on this machine."""

    path: Path
    checksum: Checksum | None
    strip: int
    unpack: bool

    @property
    def location(self) -> str:
        return str(self.path)

    @property
    def declared(self) -> dict[str, Any]:
        return {"path": self.path.name, "strip": self.strip, "unpack": self.unpack}

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True)
class Url:
    """A jar or archive to be downloaded. Where from does not count as declared: its checksum says what it is."""

    url: str
    checksum: Checksum
    strip: int
    unpack: bool

    @property
    def location(self) -> str:
        return str(self)

    @property
    def name(self) -> str:
        return PurePosixPath(unquote(urlsplit(self.url).path)).name

    @property
    def declared(self) -> dict[str, Any]:
        return {"url": self.name, "checksum": str(self.checksum), "strip": self.strip, "unpack": self.unpack}

    def __str__(self) -> str:
        # A query may be a signature that lets anybody download.
        return redact_text(urlsplit(self.url)._replace(query="", fragment="").geturl())


@dataclass(frozen=True)
class Maven:
    """Artefacts of Maven repositories, resolved together.

    :param sums: file name -> sha256 of exactly the files that must come; None when it was not declared.
    """

    coordinates: tuple[Coordinate, ...]
    transitive: bool
    exclude: tuple[str, ...]
    checksum: Checksum | None
    sums: tuple[tuple[str, str], ...] | None
    strip: int
    unpack: bool

    @property
    def location(self) -> str:
        return str(self)

    @property
    def resolved(self) -> dict[str, Any]:
        """Whatever decides which files Maven gives."""
        return {
            "maven": [str(coordinate) for coordinate in self.coordinates],
            "transitive": self.transitive,
            "exclude": list(self.exclude),
        }

    @property
    def declared(self) -> dict[str, Any]:
        return {
            **self.resolved,
            "checksum": str(self.checksum or ""),
            "sums": dict(self.sums) if self.sums is not None else None,
            "strip": self.strip,
            "unpack": self.unpack,
        }

    def __str__(self) -> str:
        more = len(self.coordinates) - 1
        return f"{self.coordinates[0]} and {more} more" if more else str(self.coordinates[0])


@dataclass(frozen=True)
class Project:
    """A Maven project on this machine; :param folder: where its build leaves the files, relative to it."""

    project: Path
    folder: PurePosixPath

    @property
    def location(self) -> str:
        return str(self.project)

    @property
    def declared(self) -> dict[str, Any]:
        return {"project": str(self.folder)}

    def __str__(self) -> str:
        return f"{self.folder} of {self.project}"


Artifact = LocalPath | Url | Maven | Project  # pylint: disable=unsupported-binary-operation


@dataclass(frozen=True)
class Folder:
    """:param owner, group: numeric ids, None to leave them; :param mode: of the folder itself.
    :param classes: Java classes that its jars must hold.
    """

    path: Path
    artifacts: tuple[Artifact, ...]
    owner: int | None
    group: int | None
    mode: int
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class MavenCommand:
    """How Maven is called. :param timeout: seconds that one call may take."""

    executable: str
    java_home: str
    repository: str
    timeout: int


@dataclass(frozen=True)
class Request:
    folders: tuple[Folder, ...]
    cache: Path
    exclusive_in: Path | None
    maven: MavenCommand


def check_exclusion(text: str) -> str:
    if not _EXCLUSION.fullmatch(text):
        raise InvalidInput(f"The exclusion {text!r} is not group:artifact, either of which may be *.")
    return text
