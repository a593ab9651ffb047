# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archive of a folder: the same bytes for the same files, made without holding it; and what is to be built when."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import tempfile
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput, NotReady, PipelineError
from ansible_collections.loggy.pipeline.plugins.module_utils.openshift.archive import Archive, items_in
from ansible_collections.loggy.pipeline.plugins.module_utils.openshift.plan import (
    IMAGE,
    UPLOADED,
    image_of,
    output_of,
    reason_to_build,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.openshift.fake_builds import unpacked

NAMES = st.text("abc-é_.", min_size=1, max_size=120).filter(lambda name: name.strip(".") and len(name.encode()) < 200)
TREES = st.dictionaries(st.tuples(NAMES, NAMES), st.binary(max_size=2000), min_size=1, max_size=6)


def laid(folder: Path, tree: dict[tuple[str, str], bytes], at: int) -> Archive:
    for (inside, name), content in tree.items():
        (folder / inside).mkdir(exist_ok=True)
        (folder / inside / name).write_bytes(content)
        os.utime(folder / inside / name, (at, at))
    return Archive(items_in(folder, []))


def sent(archive: Archive) -> tuple[bytes, str]:
    return b"".join(archive.compressed()), archive.digest([])


@given(TREES)
def test_the_same_files_are_the_same_bytes_and_come_out_again(tree: dict[tuple[str, str], bytes]) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        first = sent(laid(Path(one), tree, at=1))
        assert sent(laid(Path(two), dict(reversed(tree.items())), at=2)) == first
    assert unpacked(first[0]) == {f"{inside}/{name}": content for (inside, name), content in tree.items()}


@given(TREES, TREES)
def test_other_files_have_another_digest(one: dict[tuple[str, str], bytes], two: dict[tuple[str, str], bytes]) -> None:
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        same = sent(laid(Path(first), one, at=1))[1] == sent(laid(Path(second), two, at=1))[1]
    assert same == (one == two)


def test_modes_and_links_are_kept_and_owners_and_times_are_not(tmp_path: Path) -> None:
    (tmp_path / "run.sh").write_text("x")
    (tmp_path / "run.sh").chmod(0o700)
    (tmp_path / "a.jar").write_text("y")
    (tmp_path / "link.jar").symlink_to("a.jar")
    packed = sent(Archive(items_in(tmp_path, [])))[0]
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(packed))) as tar:
        found = {one.name: one for one in tar}
    assert {name: oct(one.mode) for name, one in found.items() if one.isfile()} == {"run.sh": "0o755", "a.jar": "0o644"}
    assert found["link.jar"].linkname == "a.jar"
    assert {(one.mtime, one.uid, one.gid, one.uname) for one in found.values()} == {(0, 0, 0, "")}


def test_a_large_folder_is_never_in_memory(tmp_path: Path) -> None:
    with (tmp_path / "large.jar").open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    archive = Archive(items_in(tmp_path, []))
    tracemalloc.start()
    try:
        total = sum(len(block) for block in archive.compressed())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert 0 < total < 1024 * 1024
    assert peak < 2 * 1024 * 1024
    assert archive.done == archive.total == 64 * 1024 * 1024


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside", "x/../../outside"])
def test_a_link_that_leads_out_is_refused(tmp_path: Path, target: str) -> None:
    (tmp_path / "link").symlink_to(target)
    with pytest.raises(InvalidInput, match="neither a file nor a link that stays inside"):
        items_in(tmp_path, [])


def test_a_folder_without_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInput, match="holds no files"):
        items_in(tmp_path, [])
    with pytest.raises(InvalidInput, match="There is no folder"):
        items_in(tmp_path / "nope", [])


@pytest.mark.parametrize("content", [b"", b"longer than before"])
def test_a_file_that_changes_meanwhile_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.jar").write_bytes(b"before")
    archive = Archive(items_in(tmp_path, []))
    (tmp_path / "a.jar").write_bytes(content)
    with pytest.raises(PipelineError, match="changed while it was read"):
        sent(archive)


def stream(digest: str, image: str, *items: str) -> dict[str, Any]:
    tags = [{"tag": "latest", "items": [{"image": one, "dockerImageReference": f"r/p@{one}"} for one in items]}]
    about = {"name": "p", "annotations": {UPLOADED: digest, IMAGE: image}}
    return {"metadata": about, "status": {"dockerImageRepository": "r/p", "tags": tags}}


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (None, "nothing was built yet"),
        ({"metadata": {}}, "nothing was built yet"),
        (stream("d", "r/p@sha256:1", "sha256:2", "sha256:1"), ""),
        (stream("e", "r/p@sha256:1", "sha256:1"), "what it is made of changed"),
        (stream("d", "r/p@sha256:1", "sha256:2"), "r/p@sha256:1 is gone from the ImageStream"),
    ],
)
def test_an_image_is_built_for_a_reason(seen: dict[str, Any] | None, reason: str) -> None:
    assert reason_to_build(seen, "d") == reason


def test_the_image_is_by_digest_even_where_the_builder_was_told_none() -> None:
    build: dict[str, Any] = {"metadata": {"name": "p-1"}, "status": {}}
    assert image_of(build, stream("", "", "sha256:2", "sha256:1"), "latest") == "r/p@sha256:2"
    build["status"] = {"output": {"to": {"imageDigest": "sha256:1"}}}
    assert image_of(build, stream("", "", "sha256:2", "sha256:1"), "latest") == "r/p@sha256:1"
    assert image_of(build, stream("", ""), "latest") == "r/p@sha256:1"
    with pytest.raises(NotReady, match="Build p-1 is complete, and ImageStream p has no image at tag latest"):
        image_of({"metadata": {"name": "p-1"}}, stream("", ""), "latest")


@pytest.mark.parametrize("to", [{}, {"kind": "DockerImage", "name": "x:1"}, {"kind": "ImageStreamTag", "name": "x"}])
def test_a_build_that_writes_elsewhere_is_refused(to: dict[str, str]) -> None:
    config = {"metadata": {"name": "p", "namespace": "apps"}, "spec": {"output": {"to": to}}}
    with pytest.raises(InvalidInput, match="writes to no ImageStreamTag"):
        output_of(config)
