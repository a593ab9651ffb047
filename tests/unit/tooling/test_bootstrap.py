"""scripts/bootstrap on machines that lack something: what it says in one line, and what it installs where it may."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TOOLS = ("bash", "cat", "dirname", "env", "grep", "readlink", "sed", "true")


@dataclass
class Machine:
    """A checkout and a PATH that has the basic tools and whatever is added."""

    folder: Path

    def __post_init__(self) -> None:
        for folder in ("bin", "checkout/scripts"):
            (self.folder / folder).mkdir(parents=True)
        shutil.copy(ROOT / "scripts" / "bootstrap", self.folder / "checkout" / "scripts")
        for tool in TOOLS:
            (self.folder / "bin" / tool).symlink_to(str(shutil.which(tool)))

    def add(self, name: str, script: str = "") -> None:
        path = self.folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def add_python(self) -> None:
        """One that makes no virtual environment: what comes after that needs the network."""
        self.add("python3", f'[ "$1 $2" != "-m venv" ] && exec {sys.executable} "$@"')

    def add_jdk(self, version: str) -> None:
        home = self.folder / f"jdk-{version}"
        (home / "bin").mkdir(parents=True)
        (home / "release").write_text(f'IMPLEMENTOR="Somebody"\nJAVA_VERSION="{version}"\n')
        (home / "bin" / "javac").write_text("#!/bin/sh\n")
        (home / "bin" / "javac").chmod(0o755)
        (self.folder / "bin" / "javac").symlink_to(home / "bin" / "javac")

    def refusal(self, **environment: str) -> str:
        """What it says, which must be one line."""
        done = self.bootstrap(**environment)
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1
        return done.stderr.strip()

    def bootstrap(self, *names: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.folder / "checkout" / "scripts" / "bootstrap", *(names or ["run"])],
            env={"PATH": str(self.folder / "bin"), **environment},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_machine_without_python_is_told_which_is_needed(machine: Machine) -> None:
    machine.add("python3", "exit 1")
    assert machine.refusal() == (
        "bootstrap: Python 3.11 or newer is missing; install it, or name it: make PYTHON=/path/to/python3 ..."
    )


def test_who_may_not_install_is_told_everything_that_is_missing_at_once(machine: Machine) -> None:
    machine.add_python()
    machine.add("id", "echo 1000")
    machine.add("apt-get")
    assert machine.refusal() == (
        "bootstrap: missing: a JDK (17 or newer), Maven; install it and try again: "
        "sudo apt-get install default-jdk-headless maven"
    )


def test_a_system_with_an_unknown_package_manager_is_told_what_to_install(machine: Machine) -> None:
    machine.add_python()
    machine.add_jdk("21.0.2")
    assert machine.refusal() == (
        "bootstrap: missing: Maven; install it with this system's package manager and try again"
    )


def test_a_java_home_that_is_no_jdk_is_refused_and_not_worked_around(machine: Machine) -> None:
    machine.add_python()
    machine.add_jdk("17.0.1")
    machine.add("mvn")
    assert machine.refusal(JAVA_HOME="/no/jdk") == (
        "bootstrap: JAVA_HOME (/no/jdk) is no JDK 17 or newer; point it at one, or unset it"
    )


@pytest.mark.parametrize("version", ["11.0.2", "1.8.0_292"])
def test_an_old_jdk_counts_as_none(machine: Machine, version: str) -> None:
    machine.add_python()
    machine.add_jdk(version)
    machine.add("mvn")
    assert machine.refusal().startswith("bootstrap: missing: a JDK (17 or newer);")


def test_a_package_manager_that_fails_is_named_with_what_it_should_have_installed(machine: Machine) -> None:
    machine.add_python()
    machine.add_jdk("17")
    machine.add("id", "echo 0")
    machine.add("apt-get", '[ "$1" = update ]')
    done = machine.bootstrap()
    assert done.returncode == 1
    assert "apt-get could not install maven" in done.stderr


@pytest.mark.parametrize(
    ("user", "with_sudo", "manager", "packages"),
    [
        ("0", False, "apt-get", "install -q -y default-jdk-headless maven"),
        ("0", False, "dnf", "install -q -y java-devel >= 1:17 maven"),
        ("1000", True, "apt-get", "install -q -y default-jdk-headless maven"),
    ],
)
def test_who_may_install_gets_what_is_missing(
    machine: Machine, user: str, with_sudo: bool, manager: str, packages: str
) -> None:
    machine.add_python()
    machine.add("id", f"echo {user}")
    if with_sudo:
        machine.add("sudo", 'shift; exec "$@"')
    calls = machine.folder / "calls"
    machine.add_jdk("17.0.9")
    (machine.folder / "bin" / "javac").rename(machine.folder / "javac")
    machine.add(
        manager, f'echo "$@" >> {calls}; [ "$1" = update ] || /bin/mv {machine.folder}/javac {machine.folder}/bin'
    )
    said = machine.bootstrap().stderr
    assert packages in calls.read_text().splitlines()
    assert "Creating .venv" in said


@pytest.fixture
def complete(machine: Machine) -> Machine:
    """Lacks nothing that running needs."""
    machine.add_python()
    machine.add_jdk("17.0.9")
    machine.add("mvn")
    return machine


def test_a_developer_who_may_install_gets_a_chromium_for_the_tests_that_open_a_page(complete: Machine) -> None:
    complete.add("id", "echo 0")
    calls = complete.folder / "calls"
    complete.add("apt-get", f'echo "$@" >> {calls}')
    complete.bootstrap("run", "dev")
    assert "install -q -y chromium" in calls.read_text().splitlines()


@pytest.mark.parametrize("names", [("run",), ("run", "dev")])
def test_a_chromium_is_not_installed_for_who_only_runs_or_has_one(complete: Machine, names: tuple[str, ...]) -> None:
    complete.add("id", "echo 0")
    complete.add("apt-get", "exit 1")
    if "dev" in names:
        complete.add("google-chrome")
    said = complete.bootstrap(*names).stderr
    assert "Installing" not in said
    assert "Creating .venv" in said


@pytest.mark.parametrize("user", ["0", "1000"])
def test_a_chromium_that_can_not_be_installed_holds_nobody_up(complete: Machine, user: str) -> None:
    complete.add("id", f"echo {user}")
    complete.add("apt-get", "exit 1")
    said = complete.bootstrap("run", "dev").stderr
    assert ("tests that need it will be skipped" in said) == (user == "0")
    assert "Creating .venv" in said
