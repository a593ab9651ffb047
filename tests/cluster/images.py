# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes container images, as archives in the layout of the Open Container Initiative, without a container engine."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from tests.cluster import paths
from tests.cluster.commands import say

Owner = tuple[int, int]
ROOT_OWNER: Owner = (0, 0)

_MEDIA = "application/vnd.oci.image"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
# A change of the form that is written: what was written before is not used again.
_FORM = "1"


@dataclass(frozen=True)
class Entry:
    """A file (or a folder, without content; or a link) of a layer."""

    path: str
    mode: int
    content: Callable[[], bytes] | None = None
    link: str = ""


@dataclass(frozen=True)
class Layer:
    """:param key: tells layers of different contents apart.
    :param tar_in: gives the layer's archive, which it may make in the folder.
    """

    key: str
    tar_in: Callable[[Path], Path]

    @classmethod
    def from_tar(cls, path: Path) -> Layer:
        """One that is there already."""
        found = path.stat()
        return cls(_digest(path.name, found.st_size, found.st_mtime_ns), lambda _: path)

    @classmethod
    def from_files(cls, files: Mapping[str, Path], owner: Owner = ROOT_OWNER) -> Layer:
        """:param files: target path to source: a file, or a folder with all that is in it."""
        entries = [entry for target, source in sorted(files.items()) for entry in _entries(target, source)]
        return cls._from_entries(entries, owner)

    @classmethod
    def from_texts(cls, texts: Mapping[str, str], owner: Owner = ROOT_OWNER, mode: int = 0o644) -> Layer:
        """:param texts: target path to content, for scripts and settings."""
        entries = [Entry(target, mode, text.encode) for target, text in sorted(texts.items())]
        return cls._from_entries(entries, owner)

    @classmethod
    def from_zip(cls, archive: Path, target: str, owner: Owner = ROOT_OWNER, without: Sequence[str] = ()) -> Layer:
        """Unpacks what is in the archive's one folder.

        :param without: names in that folder to leave out.
        """
        return cls._from_entries(list(_zip_entries(archive, target, without)), owner)

    @classmethod
    def _from_entries(cls, entries: Sequence[Entry], owner: Owner) -> Layer:
        told = [(entry.path, entry.mode, entry.link, entry.content and _sha256(entry.content())) for entry in entries]
        key = _digest("entries", owner, told)
        return cls(key, lambda folder: _pack(folder / f"{key}.tar", entries, owner))


@dataclass(frozen=True)
class Image:
    """:param name: in full, with a tag: localhost/loggy-test/base:1."""

    name: str
    layers: Sequence[Layer]
    entrypoint: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    workdir: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)

    def config(self) -> dict[str, Any]:
        told = {
            "Entrypoint": list(self.entrypoint),
            "Env": [f"{name}={value}" for name, value in self.env.items()],
            "User": self.user,
            "WorkingDir": self.workdir,
            "Labels": dict(self.labels),
        }
        return {name: value for name, value in told.items() if value}

    @property
    def archive(self) -> Path:
        """Another one for other contents."""
        digest = _digest(self.name, self.config(), [layer.key for layer in self.layers])
        return paths.IMAGES / f"{_file_name(self.name)}-{digest[:16]}.tar"


def build(image: Image) -> Path:
    """:returns: the archive, which is written only if it is not there."""
    archive = image.archive
    if not archive.exists():
        say(f"Writing image {image.name}")
        archive.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=archive.parent, prefix=".part-") as work:
            part = Path(work) / archive.name
            with part.open("wb") as file:
                _write_archive(file, image, Path(work))
            part.rename(archive)
        _remove_outdated(archive)
    return archive


def contents(archive: Path) -> dict[str, str]:
    """The images in an archive: name to the digest of its manifest."""
    with tarfile.open(archive) as tar:
        member = tar.extractfile("index.json")
        assert member is not None
        manifests = json.load(member)["manifests"]
    return {item["annotations"]["io.containerd.image.name"]: item["digest"] for item in manifests}


def _write_archive(file: IO[bytes], image: Image, work: Path) -> None:
    layers = {_sha256_of_file(path): path for path in (layer.tar_in(work) for layer in image.layers)}
    config = _json(
        {
            "architecture": _ARCHITECTURES.get(platform.machine(), platform.machine()),
            "os": "linux",
            "config": image.config(),
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}" for digest in layers]},
        }
    )
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": f"{_MEDIA}.manifest.v1+json",
            "config": _descriptor("config.v1+json", _sha256(config), len(config)),
            "layers": [_descriptor("layer.v1.tar", digest, path.stat().st_size) for digest, path in layers.items()],
        }
    )
    named = {
        **_descriptor("manifest.v1+json", _sha256(manifest), len(manifest)),
        "annotations": {"io.containerd.image.name": image.name},
    }
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
        _add_bytes(tar, "oci-layout", _json({"imageLayoutVersion": "1.0.0"}))
        _add_bytes(tar, "index.json", _json({"schemaVersion": 2, "manifests": [named]}))
        _add_bytes(tar, f"blobs/sha256/{_sha256(config)}", config)
        _add_bytes(tar, f"blobs/sha256/{_sha256(manifest)}", manifest)
        for digest, path in layers.items():
            with path.open("rb") as source:
                member = tarfile.TarInfo(f"blobs/sha256/{digest}")
                member.size = path.stat().st_size
                tar.addfile(member, source)


def _descriptor(kind: str, digest: str, size: int) -> dict[str, Any]:
    return {"mediaType": f"{_MEDIA}.{kind}", "digest": f"sha256:{digest}", "size": size}


def _entries(target: str, source: Path) -> Iterator[Entry]:
    if source.is_symlink():
        yield Entry(target, 0o777, link=str(source.readlink()))
    elif source.is_dir():
        yield Entry(target, source.stat().st_mode & 0o7777)
        for child in sorted(source.iterdir()):
            yield from _entries(f"{target}/{child.name}", child)
    else:
        yield Entry(target, source.stat().st_mode & 0o7777, source.read_bytes)


def _zip_entries(archive: Path, target: str, without: Sequence[str]) -> Iterator[Entry]:
    yield Entry(target, 0o775)
    with zipfile.ZipFile(archive) as opened:
        for item in sorted(opened.infolist(), key=lambda item: item.filename):
            _, _, inner = item.filename.strip("/").partition("/")
            if not inner or inner.split("/")[0] in without:
                continue
            mode = item.external_attr >> 16 & 0o7777
            if item.is_dir():
                yield Entry(f"{target}/{inner}", mode or 0o755)
            else:
                yield Entry(f"{target}/{inner}", mode or 0o644, _zip_content(archive, item.filename))


def _zip_content(archive: Path, name: str) -> Callable[[], bytes]:
    def read() -> bytes:
        with zipfile.ZipFile(archive) as opened:
            return opened.read(name)

    return read


def _pack(path: Path, entries: Iterable[Entry], owner: Owner) -> Path:
    """Without dates, so that the same entries give the same bytes."""
    with tarfile.open(path, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for entry in entries:
            member = tarfile.TarInfo(entry.path.strip("/"))
            member.mode = entry.mode
            member.uid, member.gid = owner
            content = entry.content() if entry.content else b""
            if entry.link:
                member.type, member.linkname = tarfile.SYMTYPE, entry.link
            elif entry.content is None:
                member.type = tarfile.DIRTYPE
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def _add_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def _remove_outdated(archive: Path) -> None:
    stem, _, _ = archive.stem.rpartition("-")
    for other in archive.parent.glob(f"{stem}-*.tar"):
        if other != archive and re.fullmatch(rf"{re.escape(stem)}-[0-9a-f]{{16}}", other.stem):
            other.unlink()


def _file_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", name)


def _digest(*inputs: object) -> str:
    return _sha256(repr((_FORM, *inputs)).encode())


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True).encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _sha256_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
