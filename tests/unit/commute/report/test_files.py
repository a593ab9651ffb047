"""All reports of a run: written whole, side by side, and refused before anything is sent where they can't be."""

from __future__ import annotations

import builtins
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.report.files import (
    prepare_reports,
    write_reports,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput, MissingLibrary
from jsonschema import Draft202012Validator

from tests.unit.commute.report import samples


@pytest.mark.parametrize("result", [samples.arrived(20), samples.lost_at_index(), samples.unreachable()])
def test_what_these_tests_make_up_is_a_result_by_the_schema(result: dict[str, Any]) -> None:
    schema = json.loads((Path(__file__).resolve().parents[4] / "docs" / "commute.schema.json").read_text())
    Draft202012Validator(schema).validate(result)


def test_reports_of_a_run_are_beside_one_another(tmp_path: Path) -> None:
    result = samples.arrived(20)
    paths = write_reports(tmp_path, result)
    assert paths == {
        "json": str(tmp_path / "commute.json"),
        "junit": str(tmp_path / "junit.xml"),
        "prometheus": str(tmp_path / "commute.prom"),
        "html": str(tmp_path / "commute.html"),
    }
    assert {path.name for path in tmp_path.iterdir()} == {Path(path).name for path in paths.values()} | {"history"}
    assert json.loads(Path(paths["json"]).read_text()) == result
    assert ET.parse(paths["junit"]).getroot().tag == "testsuites"
    assert "loggy_commute_success 1\n" in Path(paths["prometheus"]).read_text()
    assert Path(paths["html"]).read_text().startswith("<!doctype html>\n")


def test_each_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    first = write_reports(tmp_path, samples.arrived(20))
    inodes = {path: Path(path).stat().st_ino for path in first.values()}
    with Path(first["html"]).open() as reader:
        write_reports(tmp_path, samples.lost_at_index())
        assert all(Path(path).stat().st_ino != inode for path, inode in inodes.items())
        # Who had it open reads the old one to its end.
        assert "Loggy and his 20 neighbours arrived" in reader.read()


def test_next_run_shows_the_one_before(tmp_path: Path) -> None:
    write_reports(tmp_path, {**samples.arrived(20), "run": "monday", "started": "2026-11-20T08:00:00.000000Z"})
    html = Path(write_reports(tmp_path, samples.lost_at_index())["html"]).read_text()
    assert "monday" in html
    assert "1 of 2 arrived" in html


def test_folder_is_made_and_anything_else_in_its_place_refused(tmp_path: Path) -> None:
    prepare_reports(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match="Could not write reports to"):
        prepare_reports(tmp_path / "file")


def test_library_that_the_page_needs_is_asked_for_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without_jinja2(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "jinja2":
            raise ModuleNotFoundError("No module named 'jinja2'")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_jinja2)
    with pytest.raises(MissingLibrary, match="pip install jinja2"):
        prepare_reports(tmp_path)


def test_path_that_is_no_utf_8_is_reported_all_the_same(tmp_path: Path) -> None:
    result = samples.arrived(20)
    result["stops"][1]["place"] = "/log/caf\udce9.log:1"
    paths = write_reports(tmp_path, result)
    assert "caf?.log" in Path(paths["html"]).read_text()
