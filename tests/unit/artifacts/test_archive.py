# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives: what is unpacked, and what is refused because it would land outside of the folder."""

from __future__ import annotations

import gzip
import os
import tarfile
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.artifacts.archive import unpack
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.artifacts.samples import held, make_tar, make_zip, member

LINK, HARD, DEVICE, FIFO, FOLDER = (
    tarfile.SYMTYPE,
    tarfile.LNKTYPE,
    tarfile.CHRTYPE,
    tarfile.FIFOTYPE,
    tarfile.DIRTYPE,
)
OUTSIDE = "outside its folder"
HOSTILE_TARS = {
    "an absolute path": ([member("/etc/x")], OUTSIDE),
    "a path upwards": ([member("a/../../x")], OUTSIDE),
    "a folder upwards": ([member("../x", FOLDER)], OUTSIDE),
    "a Windows path": ([member("..\\x")], OUTSIDE),
    "a drive": ([member("C:x")], OUTSIDE),
    "a link to an absolute path": ([member("a", LINK, "/etc/passwd")], OUTSIDE),
    "a link upwards": ([member("a/b", LINK, "../../x")], OUTSIDE),
    "a link upwards by way of another": (
        [member("a/b/c/d", LINK, "../../.."), member("a/b/c/e", LINK, "d/../..")],
        OUTSIDE,
    ),
    "a file through a link": (
        [member("a", LINK, "b"), member("a/x"), member("b/y")],
        "both as a link and as something",
    ),
    "a hard link upwards": ([member("x"), member("a", HARD, "../x")], OUTSIDE),
    "a hard link to nothing": ([member("a", HARD, "x")], "can't be unpacked"),
    "a device": ([member("a", DEVICE)], "a device or another special file"),
    "a pipe": ([member("a", FIFO)], "a device or another special file"),
    "a file that is a folder too": ([member("a"), member("a/b")], "both as a folder and as a file"),
    "links in a circle": ([member("x"), member("a", LINK, "b"), member("b", LINK, "a")], "can't be unpacked"),
    "two files of one name": ([member("./x"), member("x")], "comes twice, with different contents"),
}
HOSTILE_ZIPS = {
    "an absolute path": (lambda path: make_zip(path, {"/x": ""}), OUTSIDE),
    "a path upwards": (lambda path: make_zip(path, {"good": "", "../x": ""}), OUTSIDE),
    "a link outside": (lambda path: make_zip(path, {"a": "../../etc"}, links=("a",)), OUTSIDE),
    "no zip at all": (lambda path: path.write_text("<html>"), "can't be unpacked: File is not a zip file"),
    "nothing": (lambda path: make_zip(path, {"folder/": ""}), r"gives no file \(strip: 0\)"),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The staging folder, three levels below what the tests look at."""
    folder = tmp_path / "one" / "two" / "root"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("name", HOSTILE_TARS)
def test_a_tar_is_refused_that_holds(name: str, tmp_path: Path, root: Path) -> None:
    members, message = HOSTILE_TARS[name]
    archive = make_tar(tmp_path / "x.tar.gz", *members)
    with pytest.raises(InvalidInput, match=message):
        unpack(archive, root, 0, "x.tar.gz")
    assert sorted(path.name for path in (*tmp_path.iterdir(), *root.parent.iterdir())) == ["one", "root", "x.tar.gz"]


@pytest.mark.parametrize("name", HOSTILE_ZIPS)
def test_a_zip_is_refused_that_holds(name: str, tmp_path: Path, root: Path) -> None:
    make, message = HOSTILE_ZIPS[name]
    make(tmp_path / "x.zip")
    with pytest.raises(InvalidInput, match=message):
        unpack(tmp_path / "x.zip", root, 0, "x.zip")
    assert sorted(path.name for path in root.parent.iterdir()) == ["root"]


def test_a_zip_slip_names_archive_and_member(tmp_path: Path, root: Path) -> None:
    make_zip(tmp_path / "x.zip", {"../../evil.sh": ""})
    with pytest.raises(InvalidInput) as refused:
        unpack(tmp_path / "x.zip", root, 0, "plugin.zip")
    assert str(refused.value) == (
        "The archive plugin.zip holds '../../evil.sh', a path outside its folder. Nothing was changed."
    )


def test_an_encrypted_zip_is_refused(tmp_path: Path, root: Path) -> None:
    path = make_zip(tmp_path / "x.zip", {"a": "secret"})
    data = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(signature) + flags] |= 1
    path.write_bytes(data)
    with pytest.raises(InvalidInput, match=r"can't be unpacked: .*encrypted"):
        unpack(path, root, 0, "x.zip")


def test_a_zip_keeps_executable_bits_folders_and_links(tmp_path: Path, root: Path) -> None:
    files = {"bin/run": "#!", "lib/a.jar": "a", "logs/": "", "current": "lib"}
    make_zip(tmp_path / "x.zip", files, executable=("bin/run",), links=("current",))
    unpack(tmp_path / "x.zip", root, 0, "x.zip")
    assert os.access(root / "bin/run", os.X_OK)
    assert not (root / "lib/a.jar").stat().st_mode & 0o111
    assert (root / "logs").is_dir()
    assert (root / "current/a.jar").read_text() == "a"


def test_a_tar_keeps_executable_bits_and_links_and_drops_set_user_id(tmp_path: Path, root: Path) -> None:
    archive = make_tar(
        tmp_path / "x.tgz",
        member("./bin/run", mode=0o4755),
        member("run", LINK, "bin/run"),
        member("same", HARD, "./bin/run"),
    )
    unpack(archive, root, 0, "x.tgz")
    assert (root / "bin/run").stat().st_mode & 0o7777 == 0o755
    assert (root / "run").readlink() == Path("bin/run")
    assert (root / "same").read_text() == "./bin/run"


@pytest.mark.parametrize("make", [make_zip, lambda path, names: make_tar(path, *map(member, names))])
def test_leading_components_are_stripped(make: Callable[..., Path], tmp_path: Path, root: Path) -> None:
    name = "x.zip" if make is make_zip else "x.tar.gz"
    make(tmp_path / name, {"top-1.0/a": "", "top-1.0/b/c": "", "README": ""})
    unpack(tmp_path / name, root, 1, name)
    assert sorted(held(root)) == ["a", "b/c"]


def test_stripping_everything_is_refused(tmp_path: Path, root: Path) -> None:
    make_zip(tmp_path / "x.zip", {"a/b": ""})
    with pytest.raises(InvalidInput, match=r"The archive x.zip gives no file \(strip: 2\)"):
        unpack(tmp_path / "x.zip", root, 2, "x.zip")


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from(["x.zip", "x.tar.gz"]))
def test_a_damaged_archive_is_unpacked_or_refused_and_touches_nothing_else(data: st.DataObject, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, root = Path(folder, name), Path(folder, "one", "root")
        root.mkdir(parents=True)
        if name == "x.zip":
            content = make_zip(path, {"a/b": "content" * 20, "c": "d"}, links=("c",)).read_bytes()
        else:
            # Damaged below the compression, whose own checksum would catch it all.
            links = member("c", LINK, "a"), member("d", HARD, "a/b")
            content = gzip.decompress(make_tar(path, member("a/b"), *links).read_bytes())[:3000]
        damaged = bytearray(content)
        for _ in range(data.draw(st.integers(1, 8))):
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
        damaged = damaged[: data.draw(st.integers(0, len(damaged)))]
        path.write_bytes(damaged if name == "x.zip" else gzip.compress(damaged))
        # A damaged name may be too long for the file system: the operation tells that as it tells a full disk.
        with suppress(InvalidInput, OSError):
            unpack(path, root, 0, name)
        assert {entry.name for entry in Path(folder).iterdir()} == {"one", name}
        assert [entry.name for entry in Path(folder, "one").iterdir()] == ["root"]
