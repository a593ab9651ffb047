"""What the gate counts: a check can't pass by running nothing, nor by hiding an exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tooling import gate, tracked_files
from tests.tooling.gate import Check, Count, counted, execute, main, run

REPORT = """<testsuites><testsuite>
<testcase name="a"/><testcase name="b"><skipped message="no
  server"/></testcase><testcase name="c"/>{more}
</testsuite></testsuites>"""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.xml"
    path.write_text(REPORT.format(more=""))
    return path


def test_reports_are_counted_test_by_test(report: Path) -> None:
    report.write_text(
        REPORT.format(more='<testcase name="d"><failure/></testcase><testcase name="e"><error/></testcase>')
    )
    assert counted(Check("x", "x", reports=(str(report),)), 1)[0] == Count(passed=2, failed=2, skipped=1)


def test_a_program_that_fails_after_its_tests_passed_counts_as_failed(report: Path) -> None:
    assert counted(Check("x", "x", reports=(str(report),)), 3) == (Count(2, 1, 1), ["exit code 3"])


def test_a_run_without_a_single_test_has_failed(tmp_path: Path) -> None:
    assert counted(Check("x", "x", reports=(str(tmp_path / "*.xml"),)), 0)[0] == Count(failed=1)


@pytest.mark.parametrize(("status", "count"), [(0, Count(passed=1)), (2, Count(failed=1))])
def test_a_program_without_reports_is_one_test(status: int, count: Count) -> None:
    assert counted(Check("x", "x"), status)[0] == count


def test_the_reports_of_an_earlier_run_are_not_counted_again(report: Path) -> None:
    assert run("unit", Check("x", "true", reports=(str(report),)), []).count == Count(failed=1)


def test_a_check_whose_program_is_not_installed_is_skipped_and_says_so() -> None:
    outcome = run("lint", Check("x", "no-such-program", needs="no-such-program"), [])
    assert outcome.count == Count(skipped=1)
    assert outcome.skipped == {"no-such-program is not installed": 1}


def test_a_check_that_hangs_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "TIME_LIMIT", 0.1)
    assert execute(["sleep", "60"]) != 0


def test_an_unknown_stage_is_refused_with_the_names_of_those_that_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lnit"]) == 2
    assert "There is no stage lnit; the stages are lint, unit," in capsys.readouterr().err


def test_the_last_line_has_the_counts_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gate, "STAGES", {"lint": [Check("good", "true"), Check("bad", "false")]})
    assert main([]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 passed, 1 failed, 0 skipped"


def test_what_runs_beside_others_is_begun_early_and_shown_in_its_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    begun = tmp_path / "begun"
    waits = Check("waits", f"timeout 20 sh -c 'until test -e {begun}; do sleep 0.01; done; echo was beside'")
    late = Check("late", f"sh -c 'touch {begun}; echo said beside; exit 1'")
    stages = {"lint": [Check("x", "true")], "e2e": [waits], "cluster": [late]}
    monkeypatch.setattr(gate, "STAGES", stages)
    monkeypatch.setattr(gate, "BUILDS", {})
    monkeypatch.setattr(gate, "BESIDE", {"cluster": "e2e"})
    monkeypatch.setattr(gate, "REPORTS", tmp_path)
    assert main([]) == 1
    shown = capfd.readouterr().out
    assert shown.index("was beside") < shown.index("== cluster: late") < shown.index("said beside")
    assert "2 passed, 1 failed, 0 skipped" in shown


def test_what_was_skipped_is_told_with_its_reason(
    report: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    writes = Check("x", f"cp {report.rename(report.with_suffix('.old'))} {report}", reports=(str(report),))
    monkeypatch.setattr(gate, "STAGES", {"unit": [writes]})
    main([])
    assert "skipped 1 of unit: no server" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("see https://repo{}.example.org/x", False),
        ("https://registry.{}.com/x", True),
        ("https://repo1.{}.org/maven2", True),
        ("home: /{}/main", False),
        ("the folder plugins/work/x", False),
        ("kafka.{}.org", False),
    ],
)
def test_a_registry_is_told_by_the_name_of_its_host(line: str, refused: bool) -> None:
    assert bool(tracked_files.REGISTRY.search(line.format("somewhere"))) is refused


@pytest.mark.parametrize(("folder", "refused"), [("work", True), ("home", True), ("tmp", False), ("var", False)])
def test_a_path_of_one_machine_is_told_by_its_first_folder(folder: str, refused: bool) -> None:
    assert bool(tracked_files.MACHINE.search(f"cd /{folder}/project")) is refused
    assert not tracked_files.MACHINE.search(f"cd {{{{ x }}}}/{folder}/project")
