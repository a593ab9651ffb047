# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder as a tar archive, the same bytes for the same files, made while it is read. Refuses private keys by name."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import stat
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..errors import InvalidInput, PipelineError

#: Of loose files, in whatever case. What is inside of a jar is the business of who made it.
KEYS = ("*.key", "*.pem", "*.p12", "*.pfx", "*.jks", "*.keystore", "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*")
_BLOCK = 256 * 1024
_GZIP = 31  # of zlib's window bits: with gzip's header, which then holds neither a name nor a time


@dataclass(frozen=True)
class Item:
    """:param name: relative to the folder; :param kind: as tarfile has it; :param target: of a link."""

    name: str
    path: Path
    kind: bytes
    size: int = 0
    executable: bool = False
    target: str = ""


def items_in(folder: Path, exclude: Sequence[str]) -> list[Item]:
    """In the order of their names. Follows no link.

    :param exclude: names of files that are left out, wherever they are.
    :raises InvalidInput: it is no folder, is empty, or holds what must not leave this machine.
    """
    if not folder.is_dir():
        raise InvalidInput(f"There is no folder {folder}.", advice="Name the one that holds the plug-ins.")
    try:
        found = [_item(folder, path) for path in folder.rglob("*") if path.name not in exclude]
    except OSError as error:
        raise _unreadable(error) from error
    keys = sorted(item.name for item in found if item.kind != tarfile.DIRTYPE and _is_key(item.name))
    if keys:
        raise InvalidInput(
            f"{folder} holds what looks like a private key: {', '.join(keys)}. Nothing was sent.",
            advice="An image shows what is in it to all who may pull it: take it out, and give secrets to the "
            "connectors by reference.",
            files=keys,
        )
    if all(item.kind == tarfile.DIRTYPE for item in found):
        raise InvalidInput(f"{folder} holds no files.", advice="The workers would have no plug-ins: declare some.")
    return sorted(found, key=lambda item: item.name)


class Archive:
    """:param items: as items_in gives them."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = items
        #: Bytes of files, and how many of them have been read since the last beginning.
        self.total = sum(item.size for item in items)
        self.done = 0
        self._sum = hashlib.sha256()

    def digest(self, inputs: Sequence[str]) -> str:
        """Of what was last read to its end, before it was compressed: another zlib makes no other digest of it.

        :param inputs: what else makes the image what it is.
        """
        whole = hashlib.sha256(self._sum.digest())
        for text in inputs:
            whole.update(hashlib.sha256(text.encode()).digest())
        return f"sha256:{whole.hexdigest()}"

    def compressed(self) -> Iterator[bytes]:
        packing = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
        for block in self.blocks():
            if packed := packing.compress(block):
                yield packed
        yield packing.flush()

    def blocks(self) -> Iterator[bytes]:
        """:raises PipelineError: a file can't be read, or changes meanwhile."""
        self.done, self._sum = 0, hashlib.sha256()
        for block in self._tar():
            self._sum.update(block)
            yield block

    def _tar(self) -> Iterator[bytes]:
        for item in self._items:
            yield _header(item)
            if item.kind == tarfile.REGTYPE:
                for block in _content(item):
                    self.done += len(block)
                    yield block
                yield bytes(-item.size % tarfile.BLOCKSIZE)
        yield bytes(2 * tarfile.BLOCKSIZE)


def _item(folder: Path, path: Path) -> Item:
    name, status = path.relative_to(folder).as_posix(), path.lstat()
    if stat.S_ISDIR(status.st_mode):
        return Item(name, path, tarfile.DIRTYPE)
    if stat.S_ISREG(status.st_mode):
        return Item(name, path, tarfile.REGTYPE, status.st_size, bool(status.st_mode & stat.S_IXUSR))
    if stat.S_ISLNK(status.st_mode):
        target = os.readlink(path)  # noqa: PTH115 -- as it is written, which a Path would change
        if _stays_inside(PurePosixPath(name).parent, target):
            return Item(name, path, tarfile.SYMTYPE, target=target)
    raise InvalidInput(f"{path} is neither a file nor a link that stays inside {folder}.", advice="Take it out.")


def _stays_inside(beside: PurePosixPath, target: str) -> bool:
    place = os.path.normpath(beside / target)
    return not target.startswith("/") and place.split("/")[0] != ".."


def _is_key(name: str) -> bool:
    last = PurePosixPath(name).name.lower()
    return any(fnmatch.fnmatchcase(last, pattern) for pattern in KEYS)


def _header(item: Item) -> bytes:
    about = tarfile.TarInfo(item.name)
    about.type, about.size, about.linkname = item.kind, item.size, item.target
    about.mode = 0o755 if item.executable or item.kind == tarfile.DIRTYPE else 0o644
    return about.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def _content(item: Item) -> Iterator[bytes]:
    left = item.size
    try:
        with item.path.open("rb") as file:
            while block := file.read(min(_BLOCK, left)):
                left -= len(block)
                yield block
            is_whole = not left and not file.read(1)
    except OSError as error:
        raise _unreadable(error) from error
    if not is_whole:
        raise PipelineError(f"{item.path} changed while it was read.", advice="Run it again when nobody writes there.")


def _unreadable(error: OSError) -> PipelineError:
    return PipelineError(f"{error.filename} can't be read: {error.strerror}.", advice="Look at its permissions.")
