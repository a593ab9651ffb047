# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders and small files as they should be: check, apply, apply again, each with what it leaves."""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput
from ansible_collections.loggy.pipeline.plugins.module_utils.local.files import OPERATION
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.run_operation import run_operation

ME = pwd.getpwuid(os.getuid()).pw_name


def state(folder: Path) -> dict[str, Any]:
    """Every path below ``folder`` with its mode and, for a file, its content."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mode & 0o7777, None if path.is_dir() else path.read_bytes())
        for path in sorted(folder.rglob("*"))
    }


def role(folder: Path) -> dict[str, Any]:
    return {
        "folders": [{"path": str(folder / "a" / "data"), "mode": "0750", "owner": ME}],
        "files": [{"path": str(folder / "a" / "data" / "x.conf"), "mode": "0640", "content": "one: ü\n"}],
    }


def test_check_mode_says_what_would_be_made_and_makes_nothing(tmp_path: Path) -> None:
    checked = run_operation(OPERATION, check_mode=True, **role(tmp_path))

    assert state(tmp_path) == {}
    assert checked == run_operation(OPERATION, **role(tmp_path))
    assert [change["what"] for change in checked["changes"]] == [["created"], ["created"]]
    assert checked["diff"][1]["before"] == ""
    assert checked["diff"][1]["after"] == "one: ü\n"


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    run_operation(OPERATION, **role(tmp_path))
    before = (tmp_path / "a" / "data" / "x.conf").stat()

    again = run_operation(OPERATION, **role(tmp_path))

    assert again == {"changed": False, "changes": [], "diff": []}
    assert (tmp_path / "a" / "data" / "x.conf").stat() == before
    made = state(tmp_path)
    assert made["a"] == made["a/data"]
    assert made["a/data"] == (0o750, None)
    assert made["a/data/x.conf"] == (0o640, "one: ü\n".encode())


@pytest.mark.parametrize(
    ("change", "what", "before", "after"),
    [
        ({"content": "two\n"}, ["content"], "one: ü\n", "two\n"),
        ({"mode": "0600"}, ["mode"], {"owner": ME, "mode": "0640"}, {"owner": ME, "mode": "0600"}),
        ({"content": "two\n", "mode": "600"}, ["content", "mode"], "one: ü\n", "two\n"),
    ],
)
def test_just_what_differs_is_changed(tmp_path: Path, change: Any, what: list[str], before: Any, after: Any) -> None:
    run_operation(OPERATION, **role(tmp_path))
    wanted = role(tmp_path)
    wanted["files"][0].update(change)

    checked = run_operation(OPERATION, check_mode=True, **wanted)
    done = run_operation(OPERATION, **wanted)

    assert checked == done
    assert done["changes"] == [{"path": wanted["files"][0]["path"], "what": what}]
    assert (done["diff"][0]["before"], done["diff"][0]["after"]) == (before, after)
    assert not run_operation(OPERATION, **wanted)["changed"]


def test_a_content_that_is_to_be_kept_stays(tmp_path: Path) -> None:
    file = tmp_path / "marker"
    entry = {"path": str(file), "mode": "0644", "content": "first\n", "keep": True}
    assert run_operation(OPERATION, files=[entry])["changed"]

    again = run_operation(OPERATION, files=[{**entry, "content": "second\n"}])

    assert not again["changed"]
    assert file.read_text() == "first\n"


def test_a_link_to_a_file_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "real")

    run_operation(OPERATION, files=[{"path": str(tmp_path / "link"), "mode": "0644", "content": "new"}])

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"path": "relative/x"}, "relative/x is no absolute path."),
        ({"mode": "u=rw"}, "The mode of {folder}/x is u=rw; it has three or four octal digits, as '0644'."),
        (
            {"owner": "nobody-of-that-name"},
            "{folder}/x is to belong to nobody-of-that-name, and there is no such user.",
        ),
        ({"path": "{folder}/there"}, "{folder}/there is to be a file and is a folder. Move it out of the way."),
        ({"path": "{folder}/file/x"}, "Could not look at {folder}/file/x: Not a directory."),
    ],
)
def test_bad_input_is_refused_before_anything_is_touched(tmp_path: Path, entry: Any, message: str) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "file").touch()
    before = state(tmp_path)
    wanted = {"path": f"{tmp_path}/x", "mode": "0644", "content": "x", **entry}
    wanted["path"] = wanted["path"].replace("{folder}", str(tmp_path))
    first = {"path": f"{tmp_path}/first", "mode": "0644", "content": "x"}

    with pytest.raises(InvalidInput) as refused:
        run_operation(OPERATION, files=[first, wanted])

    assert str(refused.value) == message.replace("{folder}", str(tmp_path))
    assert state(tmp_path) == before


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    with pytest.raises(InvalidInput, match="is to be a folder and is no folder"):
        run_operation(OPERATION, folders=[{"path": str(tmp_path / "x"), "mode": "0755"}])


MODES = st.sampled_from(["0600", "0640", "0755"])
ENTRIES = st.dictionaries(st.sampled_from("abc"), st.tuples(MODES, st.text(max_size=9)), max_size=3)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=ENTRIES, second=ENTRIES)
def test_whatever_was_there_before_one_run_is_enough(tmp_path: Path, first: Any, second: Any) -> None:
    for wanted in (first, second):
        files = [{"path": str(tmp_path / name), "mode": mode, "content": text} for name, (mode, text) in wanted.items()]
        run_operation(OPERATION, files=files)
        assert not run_operation(OPERATION, files=files)["changed"]
        left = state(tmp_path)
        assert {name: left[name] for name in wanted} == {
            name: (int(mode, 8), text.encode()) for name, (mode, text) in wanted.items()
        }
