"""Runs the project's checks, stage by stage, and says at the end what passed and where the time went.

It knows how each check is started and how its tests are counted; what a check looks at is its own affair.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "loggy.pipeline"
REPORTS = ROOT / "build" / "reports"
TOOLING = "tests/tooling"
SUREFIRE = f"{ROOT}/connect-plugins/*/target/surefire-reports"
SCRIPTS = f".ci/run scripts/bootstrap {TOOLING}/contracts {TOOLING}/pages {TOOLING}/pin {TOOLING}/sanity"

# What a stage needs that takes minutes to build at first. It is begun when the gate is, and is nicer than any check.
BUILDS = {"cluster": f"nice -n 19 {sys.executable} -m tests.cluster build"}
# What mostly waits, for pods, runs beside the other stages from this one on, and is shown when its turn comes.
BESIDE = {"cluster": "integration"}

# A check that hangs must not use up the time in which the others could have said something.
TIME_LIMIT = 60 * 60

# The process groups of the checks that run.
RUNNING: set[int] = set()


@dataclass(frozen=True)
class Check:
    """One program. ``reports`` are JUnit XML files that it writes; without them it counts as one test."""

    name: str
    command: str
    reports: tuple[str, ...] = ()
    takes_arguments: bool = False
    needs: str = ""


@dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


@dataclass
class Outcome:
    stage: str
    check: str
    seconds: float
    count: Count
    notes: list[str] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def pytest(name: str, arguments: str) -> Check:
    report = f"{REPORTS}/pytest-{name}.xml"
    return Check(name, f"pytest --junitxml={report} {arguments}", reports=(report,), takes_arguments=True)


STAGES = {
    "lint": [
        Check("ruff format", "ruff format --check ."),
        Check("ruff check", "ruff check ."),
        Check("mypy", "mypy -p ansible_collections.loggy.pipeline.plugins"),
        Check("layers", f"env PYTHONPATH=collections lint-imports --no-logo --cache-dir {CACHE / 'import-linter'}"),
        Check("yamllint", "yamllint --strict ."),
        Check("ansible-lint", "ansible-lint --offline --nocolor --profile production"),
        Check("changelog", "antsibull-changelog lint"),
        Check("tracked files", f"python {TOOLING}/tracked_files.py"),
        Check("shellcheck", f"shellcheck {SCRIPTS}", needs="shellcheck"),
    ],
    "unit": [pytest("pytest", "tests/unit tests/contract -m 'not integration'")],
    "sanity": [
        Check("ansible-test", f"{TOOLING}/sanity {REPORTS}", reports=(f"{REPORTS}/ansible-test-*.xml",)),
        pytest("release", "tests/release"),
    ],
    "junit": [
        Check(
            "maven",
            "mvn -B -q -f connect-plugins/pom.xml verify",
            reports=(f"{SUREFIRE}/TEST-*.xml",),
        )
    ],
    "integration": [
        Check(
            "contracts",
            f"python -m tests.tooling.with_pipeline {TOOLING}/contracts {REPORTS}/pytest-contracts.xml",
            reports=(f"{REPORTS}/pytest-contracts.xml", f"{SUREFIRE}/TEST-*RealElasticsearchTest.xml"),
            takes_arguments=True,
        ),
        pytest("services", "tests/integration"),
        Check("molecule", "molecule test -s kafka"),
    ],
    "e2e": [pytest("playbooks", "tests/e2e")],
    "cluster": [pytest("cluster", "tests/e2e_cluster tests/contract/kubernetes -m 'not slow'")],
    "docs": [
        Check("pages", f"{TOOLING}/pages"),
        Check("variables", "python -m tests.tooling.variables"),
        Check("README's tables", "python -m tests.tooling.readme"),
        Check("messages", "python -m tests.tooling.messages"),
    ],
}


def main(arguments: list[str]) -> int:
    names, extra = arguments, []
    if "--" in arguments:
        cut = arguments.index("--")
        names, extra = arguments[:cut], arguments[cut + 1 :]
    unknown = [name for name in names if name not in STAGES]
    if unknown:
        print(f"There is no stage {', '.join(unknown)}; the stages are {', '.join(STAGES)}.", file=sys.stderr)
        return 2
    outcomes = run_stages(names or list(STAGES), extra)
    summarise(outcomes)
    return 1 if any(outcome.count.failed for outcome in outcomes) else 0


def run_stages(names: list[str], extra: list[str]) -> list[Outcome]:
    builds = {stage: begin(stage) for stage in names if stage in BUILDS}

    def run_stage(stage: str, log: Path | None = None) -> list[Outcome]:
        if stage in builds:
            builds[stage].wait()
        return [run(stage, check, extra, log) for check in STAGES[stage]]

    outcomes = []
    with ThreadPoolExecutor() as pool:
        beside: dict[str, Future[list[Outcome]]] = {}
        for stage in names:
            for other in (other for other in names if BESIDE.get(other) == stage):
                log_of(other).unlink(missing_ok=True)
                beside[other] = pool.submit(run_stage, other, log_of(other))
            if stage in beside:
                outcomes += beside[stage].result()
                sys.stdout.write(log_of(stage).read_text(encoding="utf-8", errors="replace"))
            else:
                outcomes += run_stage(stage)
    return outcomes


def log_of(stage: str) -> Path:
    return REPORTS / f"stage-{stage}.log"


def run(stage: str, check: Check, extra: Iterable[str], log: Path | None = None) -> Outcome:
    """:param log: gets what is printed, after what it has; without, it goes to where ours goes."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") if log else nullcontext() as output:
        return _run(stage, check, extra, output)


def _run(stage: str, check: Check, extra: Iterable[str], output: IO[str] | None) -> Outcome:
    print(f"\n== {stage}: {check.name}", flush=True, file=output)
    if check.needs and not shutil.which(check.needs):
        return Outcome(stage, check.name, 0, Count(skipped=1), skipped=Counter([f"{check.needs} is not installed"]))
    for report in reports_of(check):
        report.unlink()
    command = shlex.split(check.command) + (list(extra) if check.takes_arguments else [])
    started = time.monotonic()
    status = execute(command, output)
    seconds = time.monotonic() - started
    count, notes = counted(check, status)
    return Outcome(stage, check.name, seconds, count, notes, reasons_for_skipping(check))


def begin(stage: str) -> subprocess.Popen[bytes]:
    """Its tests say what is missing when it fails."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    with (REPORTS / f"build-{stage}.log").open("wb") as log:
        return subprocess.Popen(
            shlex.split(BUILDS[stage]), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )


def execute(command: list[str], output: IO[str] | None = None) -> int:
    """Run in a process group of its own, so that a check that is given up takes what it started with it."""
    environment = {
        **os.environ,
        # In the user's own, an older copy of this collection may lie, which some tools put there and take for this one.
        "ANSIBLE_HOME": str(ROOT / "build" / "ansible"),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections"),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(CACHE / "hypothesis"),
        "MOLECULE_EPHEMERAL_DIRECTORY": str(CACHE / "molecule"),
        "MYPY_CACHE_DIR": str(CACHE / "mypy"),
        "RUFF_CACHE_DIR": str(CACHE / "ruff"),
    }
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output and subprocess.STDOUT,
        process_group=0,
    ) as process:
        RUNNING.add(process.pid)
        try:
            return process.wait(timeout=TIME_LIMIT)
        except subprocess.TimeoutExpired:
            print(f"{command[0]} was stopped: it ran for more than {TIME_LIMIT} s.", flush=True, file=output)
            os.killpg(process.pid, signal.SIGKILL)
            return -signal.SIGKILL
        except KeyboardInterrupt:
            # Only this thread hears of it.
            for group in tuple(RUNNING):
                os.killpg(group, signal.SIGINT)
            raise
        finally:
            RUNNING.discard(process.pid)


def counted(check: Check, status: int) -> tuple[Count, list[str]]:
    """What the reports say; a program that failed, or that reported no test at all, counts as failed all the same."""
    if not check.reports:
        return (Count(failed=1), [f"exit code {status}"]) if status else (Count(passed=1), [])
    count = sum((count_of(report) for report in reports_of(check)), Count())
    if count == Count():
        return Count(failed=1), [f"no test ran, exit code {status}"]
    if status and not count.failed:
        return count + Count(failed=1), [f"exit code {status}"]
    return count, []


def reports_of(check: Check) -> list[Path]:
    return sorted(path for pattern in check.reports for path in Path("/").glob(pattern.lstrip("/")))


def count_of(report: Path) -> Count:
    count = Count()
    for case in ET.parse(report).iter("testcase"):
        outcomes = {child.tag for child in case}
        if outcomes & {"failure", "error"}:
            count.failed += 1
        elif "skipped" in outcomes:
            count.skipped += 1
        else:
            count.passed += 1
    return count


def reasons_for_skipping(check: Check) -> Counter[str]:
    skipped = [node for report in reports_of(check) for node in ET.parse(report).iter("skipped")]
    return Counter(" ".join((node.get("message") or node.text or "no reason given").split()) for node in skipped)


def summarise(outcomes: list[Outcome]) -> None:
    print(f"\n{'stage':<12} {'check':<14} {'seconds':>8}  result")
    for outcome in outcomes:
        notes = f" ({'; '.join(outcome.notes)})" if outcome.notes else ""
        print(f"{outcome.stage:<12} {outcome.check:<14} {outcome.seconds:>8.1f}  {outcome.count}{notes}")
    print(f"{'':<12} {'all':<14} {sum(outcome.seconds for outcome in outcomes):>8.1f}")
    for outcome in outcomes:
        for reason, times in outcome.skipped.items():
            print(f"skipped {times} of {outcome.stage}: {reason}")
    print(f"\n{sum((outcome.count for outcome in outcomes), Count())}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
