# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unpacks zip and tar.gz archives into a folder, and refuses whatever would land outside of it."""

from __future__ import annotations

import gzip
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from ..errors import InvalidInput
from .place import make_folder, place

# zipfile raises RuntimeError for an encrypted member or an unknown compression (NotImplementedError), tarfile KeyError
# for a hard link to nothing, and both ValueError for a name that no file system takes.
_BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    struct.error,
    EOFError,
    RuntimeError,
    KeyError,
    ValueError,
)


def unpack(archive: Path, root: Path, strip: int, what: str) -> None:
    """:param strip: leading path components to drop; :param what: names the archive to the reader."""
    with _refusing(what):
        unpacking = _Unpacking(root, strip, what)
        if archive.name.endswith(".zip"):
            _unpack_zip(archive, unpacking)
        else:
            _unpack_tar(archive, unpacking)
        unpacking.finish()


@contextmanager
def _refusing(what: str) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise InvalidInput(f"The archive {what} can't be unpacked: {error}.", advice="Nothing was changed.") from error


class _Unpacking:
    """The rules that hold for each member, whatever the format.

    Links are made last, so that no file is ever written through one.
    """

    def __init__(self, root: Path, strip: int, what: str) -> None:
        self.root = root
        self.strip = strip
        self.what = what
        self.placed = 0
        self.links: list[tuple[PurePosixPath, str]] = []

    def refuse(self, name: str, reason: str) -> InvalidInput:
        return InvalidInput(f"The archive {self.what} holds {name!r}, {reason}.", advice="Nothing was changed.")

    def path_of(self, name: str) -> PurePosixPath | None:
        """Where the member goes, relative to the root; None when nothing is left of its name after stripping."""
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or re.match(r"[A-Za-z]:", name):
            raise self.refuse(name, "a path outside its folder")
        parts = path.parts[self.strip :]
        return PurePosixPath(*parts) if parts else None

    def folder(self, name: str) -> None:
        path = self.path_of(name)
        if path is not None:
            make_folder(self.root, path)

    def link(self, name: str, target: str) -> None:
        path = self.path_of(name)
        if path is not None:
            self.links.append((path, target))

    def finish(self) -> None:
        for path, target in self.links:
            make_folder(self.root, path.parent)
            try:
                (self.root / path).symlink_to(target)
            except FileExistsError:
                raise self.refuse(str(path), "both as a link and as something else") from None
        root = self.root.resolve()
        for path, target in self.links:
            # Asked of the file system: a link that goes through another one leads elsewhere than its text says.
            if not (self.root / path).resolve().is_relative_to(root):
                raise self.refuse(str(path), f"a link to {target!r}, outside its folder")
        if not self.placed:
            raise InvalidInput(f"The archive {self.what} gives no file (strip: {self.strip}).")


def _unpack_zip(archive: Path, unpacking: _Unpacking) -> None:
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            mode = info.external_attr >> 16
            if stat.S_ISLNK(mode):
                unpacking.link(info.filename, opened.read(info).decode("utf-8", "surrogateescape"))
            elif info.is_dir():
                unpacking.folder(info.filename)
            elif stat.S_IFMT(mode) not in (0, stat.S_IFREG):
                raise unpacking.refuse(info.filename, "a device or another special file")
            elif (path := unpacking.path_of(info.filename)) is not None:
                with opened.open(info) as stream:
                    place(unpacking.root, str(path), stream, bool(mode & 0o111))
                unpacking.placed += 1


def _unpack_tar(archive: Path, unpacking: _Unpacking) -> None:
    with tarfile.open(archive, "r:gz") as opened:
        for info in opened:
            if info.issym():
                unpacking.link(info.name, info.linkname)
            elif info.isdir():
                unpacking.folder(info.name)
            elif not info.isfile() and not info.islnk():
                raise unpacking.refuse(info.name, "a device or another special file")
            elif (path := unpacking.path_of(info.name)) is not None:
                if info.islnk():
                    unpacking.path_of(info.linkname)
                # A hard link gives the file that it names: a copy is as good here.
                stream = opened.extractfile(info)
                if stream is None:
                    raise unpacking.refuse(info.name, "a hard link to something that is no file")
                with stream:
                    place(unpacking.root, str(path), stream, bool(info.mode & 0o111))
                unpacking.placed += 1
