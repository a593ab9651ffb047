"""The collection's archive: the same bytes twice, from checkouts whose files were written at other times."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.tooling import dist

TIME = 1767225600


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    archives = []
    for number in range(2):
        folder = tmp_path_factory.mktemp("dist")
        checkout = folder / "checkout"
        dist.copy_tracked(checkout)
        for path in checkout.rglob("*"):
            os.utime(path, (number, 1_600_000_000 + number * 86_400))
        archives.append(build(checkout, folder / "out"))
    return archives


def build(checkout: Path, target: Path) -> Path:
    """As ``make dist`` does, in a checkout of its own."""
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com"]
    for words in (["init", "-q"], ["add", "--all"], ["commit", "-qm", "All"]):
        subprocess.run([*git, *words], cwd=checkout, check=True)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(TIME)}
    command = [sys.executable, "tests/tooling/dist.py", str(target)]
    subprocess.run(command, cwd=checkout, env=environment, check=True, capture_output=True)
    return next(target.glob("loggy-pipeline-*.tar.gz"))


def test_the_same_bytes_come_of_the_same_files(built: list[Path]) -> None:
    first, second = built
    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()


def test_the_sums_are_those_of_the_archive_and_of_what_is_in_it(built: list[Path]) -> None:
    archive = built[0]
    digest, name = (archive.parent / "SHA256SUMS").read_text(encoding="utf-8").split()
    assert (digest, name) == (hashlib.sha256(archive.read_bytes()).hexdigest(), archive.name)
    assert (archive.parent / dist.NEWEST).read_bytes() == archive.read_bytes()
    with tarfile.open(archive) as tar:
        contents = {entry.name: tar.extractfile(entry) for entry in tar if entry.isfile()}
        assert {entry.mtime for entry in tar.getmembers()} == {TIME}
        listed = json.loads(contents["FILES.json"].read())  # type: ignore[union-attr]
        sums = {one["name"]: one["chksum_sha256"] for one in listed["files"] if one["ftype"] == "file"}
        assert sums.keys() == contents.keys() - {"FILES.json", "MANIFEST.json"}
        for path, digest in sums.items():
            assert hashlib.sha256(contents[path].read()).hexdigest() == digest, path  # type: ignore[union-attr]


def test_ansible_galaxy_takes_it(built: list[Path], tmp_path: Path) -> None:
    galaxy = Path(sys.executable).with_name("ansible-galaxy")
    where = ["--offline", "--no-deps", "--force", "--collections-path", str(tmp_path)]
    subprocess.run([galaxy, "collection", "install", *where, built[0]], check=True, capture_output=True)
    installed = tmp_path / "ansible_collections" / "loggy" / "pipeline"
    assert (installed / "roles" / "monitoring" / "files" / "jmx.yml").exists()
    assert not any((installed / name).exists() for name in (".github", "Makefile", "tests/unit", "scripts"))
    shutil.rmtree(installed)
