"""Grafana's dashboards are what their description says."""

from __future__ import annotations

import json

import pytest

from tests.tooling import dashboards
from tests.tooling.dashboard_contents import DASHBOARDS, Board

FILES = [dashboards.File(dashboards.FOLDER / f"{board.uid}.json", dashboards.text_of(board)) for board in DASHBOARDS]


def test_files_are_what_the_description_says() -> None:
    assert list(dashboards.stale(FILES)) == []


def test_a_changed_and_a_left_over_file_are_told(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in FILES:
        (tmp_path / file.path.name).write_text(file.text, encoding="utf-8")
    (tmp_path / FILES[0].path.name).write_text("{}", encoding="utf-8")
    (tmp_path / "old.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(dashboards, "FOLDER", tmp_path)
    moved = [dashboards.File(tmp_path / file.path.name, file.text) for file in FILES]
    assert {path.name for path in dashboards.stale(moved)} == {FILES[0].path.name, "old.json"}


@pytest.mark.parametrize("board", DASHBOARDS, ids=lambda board: board.uid)
def test_panels_stand_beside_and_below_each_other(board: Board) -> None:
    taken: set[tuple[int, int]] = set()
    panels = json.loads(dashboards.text_of(board))["panels"]
    for place in (panel["gridPos"] for panel in panels):
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert max(x for x, _y in cells) < dashboards.COLUMNS
        assert not taken & cells
        taken |= cells
    assert len({panel["id"] for panel in panels}) == len(panels)
