# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""artifact_folder by its outcome: check, apply, apply again, drift, and failures that leave everything as it was."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput, PipelineError

from tests.unit.artifacts.machine import Machine
from tests.unit.artifacts.samples import held, make_zip, sha256

MARKER = ".artifact_folder.json"


def declare(path: str, *artifacts: Path | dict[str, Any], **options: Any) -> dict[str, Any]:
    given = [{"path": str(item)} if isinstance(item, Path) else item for item in artifacts]
    return {"path": path, "artifacts": given, **options}


@pytest.fixture
def jar(tmp_path: Path) -> Path:
    path = tmp_path / "a.jar"
    path.write_text("a")
    return path


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return make_zip(tmp_path / "b.zip", {"top/bin/run": "#!", "top/lib/b.jar": "b"}, executable=("top/bin/run",))


def test_check_then_apply_then_apply_again(machine: Machine, jar: Path, archive: Path) -> None:
    folders = (declare("one", jar), declare("two", {"path": str(archive), "strip": 1}))
    before = machine.snapshot()
    checked = machine.run(*folders, check_mode=True)
    assert machine.snapshot() == before
    assert checked["changed"]
    applied = machine.run(*folders)
    assert applied["changed"]
    assert held(machine.opt / "one") == {"a.jar": "a"}
    assert held(machine.opt / "two") == {"bin/run": "#!", "lib/b.jar": "b"}
    assert os.access(machine.opt / "two/bin/run", os.X_OK)
    after = machine.snapshot()
    for check_mode in (True, False):
        again = machine.run(*folders, check_mode=check_mode)
        assert not again["changed"]
        assert again["diff"] == {"before": {}, "after": {}}
        assert [folder["files"] for folder in again["folders"]] == [1, 2]
    assert machine.snapshot() == after


def test_the_diff_lists_artefacts_and_files_before_and_after(machine: Machine, jar: Path, archive: Path) -> None:
    path = str(machine.opt / "one")
    first = machine.run(declare("one", jar))["diff"]
    assert first == {"before": {}, "after": {path: {"artifacts": [str(jar)], "files": {"a.jar": sha256(jar)}}}}
    second = machine.run(declare("one", {"path": str(archive), "unpack": False}))["diff"]
    assert second["before"] == first["after"]
    assert second["after"][path]["files"] == {"b.zip": sha256(archive)}


def test_check_mode_predicts_what_apply_does(machine: Machine, jar: Path) -> None:
    machine.run(declare("one", jar), declare("two", jar))
    (machine.opt / "one/a.jar").unlink()
    checked = machine.run(declare("one", jar), declare("two", jar), check_mode=True)
    assert [(folder["changed"], folder["reason"]) for folder in checked["folders"]] == [
        (True, "a.jar is missing"),
        (False, ""),
    ]
    assert machine.run(declare("one", jar), declare("two", jar)) == checked


def tamper(path: Path) -> None:
    path.write_text("tampered")


def add(path: Path) -> None:
    (path.parent / "evil.jar").write_text("e")


def make_unreadable(path: Path) -> None:
    path.chmod(0o600)


def make_executable(path: Path) -> None:
    path.chmod(0o755)


def break_manifest(path: Path) -> None:
    (path.parent / MARKER).write_text("{")


def close_folder(path: Path) -> None:
    path.parent.chmod(0o700)


@pytest.mark.parametrize(
    "disturb", [Path.unlink, tamper, add, make_unreadable, make_executable, break_manifest, close_folder]
)
def test_a_disturbed_folder_is_repaired(machine: Machine, jar: Path, disturb: Callable[[Path], None]) -> None:
    machine.run(declare("one", jar))
    disturb(machine.opt / "one/a.jar")
    assert machine.run(declare("one", jar), check_mode=True)["changed"]
    assert machine.run(declare("one", jar))["changed"]
    assert held(machine.opt / "one") == {"a.jar": "a"}
    assert (machine.opt / "one/a.jar").stat().st_mode & 0o777 == 0o644
    assert (machine.opt / "one").stat().st_mode & 0o777 == 0o755
    assert not machine.run(declare("one", jar))["changed"]


def test_a_file_whose_time_alone_differs_is_no_change(machine: Machine, jar: Path) -> None:
    machine.run(declare("one", jar))
    os.utime(machine.opt / "one/a.jar", (1, 1))
    os.utime(jar, (1, 1))
    assert not machine.run(declare("one", jar))["changed"]


@pytest.mark.parametrize("name", ["a.jar", "folder/x"])
def test_a_local_source_that_changed_is_laid_down_again(machine: Machine, jar: Path, name: str) -> None:
    (jar.parent / "folder").mkdir()
    (jar.parent / "folder/x").write_text("x")
    source = jar.parent / name
    declared = declare("one", jar.parent / Path(name).parts[0])
    machine.run(declared)
    source.write_text("changed")
    assert machine.run(declared, check_mode=True)["changed"]
    assert machine.run(declared)["changed"]
    assert held(machine.opt / "one") == {source.name: "changed"}


def test_what_python_leaves_beside_its_code_is_neither_copied_nor_a_change(machine: Machine, tmp_path: Path) -> None:
    code = tmp_path / "code"
    (code / "package" / "__pycache__").mkdir(parents=True)
    (code / "package" / "a.py").write_text("a = 1\n")
    (code / "package" / "__pycache__" / "a.pyc").write_bytes(b"1")
    machine.run(declare("code", {"path": str(code)}))
    assert held(machine.opt / "code") == {"package/a.py": "a = 1\n"}
    (code / "package" / "__pycache__" / "a.pyc").write_bytes(b"22")
    assert not machine.run(declare("code", {"path": str(code)}))["changed"]


def test_files_are_for_everybody_whatever_the_umask(machine: Machine, archive: Path) -> None:
    old = os.umask(0o077)
    try:
        machine.run(declare("one", archive, mode="0750"))
    finally:
        os.umask(old)
    modes = {name: (machine.opt / "one" / name).stat().st_mode & 0o777 for name in ("", "top", "top/lib/b.jar", MARKER)}
    assert modes == {"": 0o750, "top": 0o755, "top/lib/b.jar": 0o644, MARKER: 0o644}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_owner_and_group_hold_for_the_folder_and_all_in_it(machine: Machine, archive: Path) -> None:
    declared = declare("one", archive, owner="1234", group="1235")
    assert machine.run(declared)["changed"]
    owners = {(path.stat().st_uid, path.stat().st_gid) for path in (machine.opt / "one").rglob("*")}
    assert owners == {(1234, 1235)}
    assert not machine.run(declared)["changed"]
    os.chown(machine.opt / "one/top/lib/b.jar", 0, -1)
    assert machine.run(declared)["folders"][0]["reason"] == "its owner, group or mode differs"
    assert not machine.run(declared)["changed"]


def test_a_wrong_checksum_in_one_folder_leaves_every_folder_as_it_was(
    machine: Machine, jar: Path, archive: Path
) -> None:
    machine.run(declare("one", jar), declare("two", jar))
    before = machine.snapshot()
    wrong = {"path": str(archive), "checksum": "sha512:" + "0" * 128}
    for check_mode in (True, False):
        with pytest.raises(
            InvalidInput, match=f"The checksum of {archive} is wrong: declared sha512:00.* found sha512:"
        ):
            machine.run(declare("one", archive), declare("two", wrong), check_mode=check_mode)
        assert machine.snapshot() == before


def test_a_bad_archive_in_the_last_folder_leaves_every_folder_as_it_was(machine: Machine, jar: Path) -> None:
    machine.run(declare("one", jar), declare("two", jar))
    before = machine.snapshot()
    slip = make_zip(machine.path / "slip.zip", {"../../evil": ""})
    with pytest.raises(InvalidInput, match=r"holds '../../evil', a path outside its folder. Nothing was changed."):
        machine.run(declare("one", jar, jar.parent / "maven"), declare("two", slip))
    slip.unlink()
    after = machine.snapshot()
    assert {path: seen for path, seen in after.items() if path.startswith(str(machine.opt / "one"))} == {
        path: seen for path, seen in before.items() if path.startswith(str(machine.opt / "one"))
    }
    assert sorted(path.name for path in machine.opt.iterdir()) == ["one", "two"]


def test_two_artefacts_may_bring_the_same_file_and_no_different_ones(machine: Machine, jar: Path) -> None:
    other = jar.parent / "other"
    other.mkdir()
    (other / "a.jar").write_text("a")
    machine.run(declare("one", jar, other))
    (other / "a.jar").write_text("b")
    with pytest.raises(InvalidInput, match=r"The file a.jar comes twice, with different contents."):
        machine.run(declare("one", jar, other))
    assert held(machine.opt / "one") == {"a.jar": "a"}


def test_only_folders_that_it_made_are_removed_from_an_exclusive_folder(machine: Machine, jar: Path) -> None:
    machine.run(declare("plugins/old", jar), declare("plugins/kept", jar))
    (machine.opt / "plugins/mine").mkdir()
    (machine.opt / "plugins/mine/x").write_text("mine")
    options = {"exclusive_in": str(machine.opt / "plugins")}
    old = str(machine.opt / "plugins/old")
    for check_mode in (True, False):
        result = machine.run(declare("plugins/kept", jar), check_mode=check_mode, **options)
        assert result["changed"]
        assert result["removed"] == [old]
        assert list(result["diff"]["before"]) == [old]
        assert result["diff"]["after"] == {}
    assert sorted(path.name for path in (machine.opt / "plugins").iterdir()) == ["kept", "mine"]
    assert not machine.run(declare("plugins/kept", jar), **options)["changed"]


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_folder_with_somebody_elses_files_is_refused(machine: Machine, jar: Path, check_mode: bool) -> None:
    (machine.opt / "one").mkdir()
    (machine.opt / "one/data").write_text("precious")
    with pytest.raises(InvalidInput, match=r"one is not empty, and was not made by this module. Move it away"):
        machine.run(declare("one", jar), check_mode=check_mode)
    assert held(machine.opt / "one") == {"data": "precious"}


def test_an_empty_folder_is_filled(machine: Machine, jar: Path) -> None:
    (machine.opt / "one").mkdir()
    assert machine.run(declare("one", jar))["changed"]
    assert held(machine.opt / "one") == {"a.jar": "a"}


def test_no_artefacts_make_an_empty_folder(machine: Machine) -> None:
    assert machine.run(declare("one"))["changed"]
    assert held(machine.opt / "one") == {}
    assert not machine.run(declare("one"))["changed"]


def test_a_folder_that_cannot_be_written_is_told_with_its_reason(machine: Machine, jar: Path) -> None:
    (machine.opt / "file").write_text("")
    with pytest.raises(
        PipelineError, match=r"The declared folders could not be made: .*Not a directory.*They are what they"
    ):
        machine.run(declare("file/one", jar))


def test_a_file_whose_size_and_time_are_known_is_not_read_again(machine: Machine, jar: Path) -> None:
    machine.run(declare("one", jar))
    for path in (jar, machine.opt / "one/a.jar"):
        seen = path.stat()
        path.write_text("b")
        os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert not machine.run(declare("one", jar))["changed"]


def test_a_folder_whose_jars_lack_a_class_is_not_laid_down_and_the_old_one_stays(
    machine: Machine, tmp_path: Path
) -> None:
    good = make_zip(tmp_path / "good.jar", {"org/loggy/Sink.class": ""})
    other = make_zip(tmp_path / "other.jar", {"org/loggy/Source.class": ""})
    machine.run(declare("one", good, classes=["org.loggy.Sink"]))
    with pytest.raises(InvalidInput, match=r"would not have the class org\.loggy\.Sink: none of its 1 jars holds it"):
        machine.run(declare("one", other, classes=["org.loggy.Sink"]))
    with pytest.raises(InvalidInput, match=r"would not have the class org\.loggy\.Source"):
        machine.run(declare("one", good, classes=["org.loggy.Source"]), check_mode=True)
    assert {path.name for path in (machine.opt / "one").glob("*.jar")} == {"good.jar"}
