"""history/: a file for each run, as many as are kept, and nothing else touched."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.report.history import remember, summary
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput

from tests.unit.commute.report import samples


def run(number: int) -> dict[str, Any]:
    started = samples.STARTED + timedelta(minutes=number)
    return {**samples.arrived(5), "run": f"run_{number}", "started": started.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}


def test_runs_come_back_in_the_order_in_which_they_began(tmp_path: Path) -> None:
    for number in (2, 0, 1):
        runs = remember(tmp_path, run(number))
    assert [entry["run"] for entry in runs] == ["run_0", "run_1", "run_2"]


def test_oldest_runs_above_the_limit_are_removed(tmp_path: Path) -> None:
    for number in range(6):
        runs = remember(tmp_path, run(number), kept=3)
    assert [entry["run"] for entry in runs] == ["run_3", "run_4", "run_5"]
    assert len(list((tmp_path / "history").iterdir())) == 3


def test_files_of_others_stay_and_are_not_counted(tmp_path: Path) -> None:
    others = [tmp_path / "history" / name for name in ("README.md", "notes.json", "20261122T094107.250000Z-x.json.bak")]
    others[0].parent.mkdir()
    for path in others:
        path.write_text("theirs")
    (tmp_path / "history" / "folder").mkdir()
    for number in range(4):
        runs = remember(tmp_path, run(number), kept=2)
    assert len(runs) == 2
    assert [path.read_text() for path in others] == ["theirs"] * 3
    assert (tmp_path / "history" / "folder").is_dir()


def test_run_that_is_reported_again_has_one_file(tmp_path: Path) -> None:
    remember(tmp_path, run(1))
    assert len(remember(tmp_path, run(1))) == 1


WHOLE = summary(run(1))
SPOILT = [{**WHOLE, "median_ms": "fast"}, {**WHOLE, "started": "yesterday"}, {**WHOLE, "verdict": None}, {"run": "x"}]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", b"\xff\xfe", *map(json.dumps, SPOILT)])
def test_spoilt_file_is_left_out_of_the_trend(tmp_path: Path, text: str | bytes) -> None:
    remember(tmp_path, run(1))
    (spoilt,) = (tmp_path / "history").iterdir()
    spoilt.write_bytes(text.encode() if isinstance(text, str) else text)
    assert [entry["run"] for entry in remember(tmp_path, run(2))] == ["run_2"]


def test_file_holds_what_a_trend_needs_and_is_small(tmp_path: Path) -> None:
    result = samples.lost_at_index()
    remember(tmp_path, result)
    (path,) = (tmp_path / "history").iterdir()
    assert path.name == f"20261122T094107.250000Z-{result['run']}.json"
    assert path.stat().st_size < 400
    assert json.loads(path.read_text()) == {
        "run": result["run"],
        "started": "2026-11-22T09:41:07.250000Z",
        "seconds": result["seconds"],
        "verdict": "lost at index",
        "word": "lost",
        "stop": "index",
        "expected": 1001,
        "lost": 7,
        "median_ms": result["stops"][3]["latency"]["from_start"]["median"],
        "p99_ms": result["stops"][3]["latency"]["from_start"]["p99"],
    }


def test_last_stop_that_is_deployed_is_the_one_that_counts() -> None:
    result = samples.arrived(20)
    result["stops"].append({"name": "archive", "kind": "file", "deployed": False, "status": "not deployed"})
    assert summary(result)["median_ms"] == result["stops"][3]["latency"]["from_start"]["median"]


def test_history_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "history").write_text("a file")
    with pytest.raises(InvalidInput, match=f"Could not write reports to {tmp_path / 'history'}: "):
        remember(tmp_path, run(1))
