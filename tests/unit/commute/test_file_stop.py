"""The file stop on real files: what is appended, rotated, truncated and made while it is followed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.account import Account
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops import file
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops.file import FileStop
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput
from ansible_collections.loggy.pipeline.plugins.module_utils.log.event import make_record
from ansible_collections.loggy.pipeline.plugins.module_utils.ranges import Ranges


def line(seq: int, run: str = "mine") -> str:
    return json.dumps(make_record(run, seq, "p", 1_000_000)) + "\n"


def append(path: Path, text: str) -> None:
    with path.open("a") as appended:
        appended.write(text)


class Followed:
    def __init__(self, pattern: Path, neighbours: int = 3) -> None:
        self.stop = FileStop(str(pattern), "mine")
        self.account = Account(neighbours)
        self.stop.start()

    def missing(self) -> Ranges:
        self.stop.poll(self.account)
        return self.account.missing


def test_appended_lines_are_found_with_file_and_line_number(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("one\ntwo\n")
    followed = Followed(path)

    append(path, "three\n" + line(1) + line(0) + line(3))

    assert followed.missing() == Ranges([(2, 2)])
    assert followed.account.loggy is not None
    assert followed.account.loggy.place == f"{path}:5"
    assert followed.account.loggy.where == {"file": str(path), "line": 5}


def test_what_was_there_before_and_other_runs_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(line(0) + line(1))
    followed = Followed(path)

    append(path, line(2) + line(3, run="other") + "mine, but no event\n" + '{"loggy": "mine"}\n')

    assert followed.missing() == Ranges([(0, 1), (3, 3)])
    assert followed.account.sightings == 1


def test_line_is_counted_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    followed = Followed(path, neighbours=0)
    whole = line(0)

    append(path, whole[:20])
    assert followed.missing() == Ranges([(0, 0)])
    append(path, whole[20:])
    assert not followed.missing()
    assert followed.account.sightings == 1


def test_line_written_twice_is_a_copy(tmp_path: Path) -> None:
    followed = Followed(tmp_path / "app.log")
    append(tmp_path / "app.log", line(1) + line(1))
    followed.missing()

    assert followed.account.duplicates == Ranges([(1, 1)])


def test_rotated_file_is_read_to_its_end_and_the_new_one_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("old\n")
    followed = Followed(path)
    append(path, line(0))
    followed.missing()

    append(path, line(1))
    path.rename(tmp_path / "app.log.1")
    path.write_text(line(2) + line(3))

    assert not followed.missing()
    assert followed.account.copies == 0


def test_truncated_file_is_read_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("a long line that was there before\n" * 50)
    followed = Followed(path, neighbours=1)

    path.write_text(line(0) + line(1))

    assert not followed.missing()


def test_files_that_appear_under_a_pattern_are_followed(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("before\n")
    followed = Followed(tmp_path / "*" / "*.log", neighbours=1)

    (tmp_path / "pod").mkdir()
    (tmp_path / "pod" / "b.log").write_text(line(0))
    followed.missing()
    (tmp_path / "pod" / "c.log").write_text(line(1))

    assert not followed.missing()
    assert followed.account.loggy is not None
    assert followed.account.loggy.place == f"{tmp_path}/pod/b.log:1"


def test_fluentds_own_line_format_is_read(tmp_path: Path) -> None:
    followed = Followed(tmp_path / "out.log", neighbours=0)

    append(tmp_path / "out.log", "2026-11-22T18:30:00+00:00\toutput_tag\t" + line(0))

    assert not followed.missing()


def test_endless_line_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "_LONGEST_LINE", 100)
    followed = Followed(tmp_path / "out.log", neighbours=0)

    append(tmp_path / "out.log", "x" * 1000 + "\n" + '{"loggy":{"run":"mine","seq":0}}\n')

    assert not followed.missing()


def test_poll_of_a_long_file_returns_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "POLL_SECONDS", 0.01)
    followed = Followed(tmp_path / "out.log", neighbours=20_000)
    append(tmp_path / "out.log", "".join(map(line, range(20_001))))

    followed.missing()
    first = followed.account.found
    while followed.missing():
        pass

    assert 0 < first < 20_001
    assert followed.account.copies == 0


def test_unreadable_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    stop = FileStop(str(tmp_path / "file"), "mine")

    with pytest.raises(
        InvalidInput, match=r"Could not read .*/file/x: Not a directory. The user of this task needs to"
    ):
        stop._follow(str(tmp_path / "file" / "x"), at_end=True)


@pytest.mark.parametrize(("content", "said"), [(None, "there is no file"), ("four", "1 files, ")])
def test_health_says_whether_there_is_a_file_and_how_it_grows(tmp_path: Path, content: Any, said: str) -> None:
    path = tmp_path / "app.log"
    if content:
        path.write_text(content)

    health = FileStop(str(path), "mine").health().line

    assert health.startswith(said)
    assert str(path) in health
    if content:
        assert "has 4 bytes and was last written 0 s ago" in health
