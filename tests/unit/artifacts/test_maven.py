# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Artefacts that Maven gets or builds: how it is called, what is kept, and what is refused."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.artifacts.cache import Cache
from ansible_collections.loggy.pipeline.plugins.module_utils.artifacts.declaration import (
    Coordinate,
    Maven,
    MavenCommand,
    Project,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.artifacts.maven import error_lines, goals, pom
from ansible_collections.loggy.pipeline.plugins.module_utils.artifacts.sources import Store, look_at_artifact
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import CommandFailed, InvalidInput, NotReady

from tests.unit.artifacts.machine import Machine
from tests.unit.artifacts.samples import held, make_project, make_zip, sha256

GETTING = {"path": "one", "artifacts": [{"maven": ["g:a:1", "g:b:2"]}]}


def in_pom(text: str, path: str) -> list[str]:
    names = "/".join(f"{{http://maven.apache.org/POM/4.0.0}}{name}" for name in path.split("/"))
    return ["".join(item.itertext()) for item in ElementTree.fromstring(text).findall(f".//{names}")]


def declare(*coordinates: str, transitive: bool = True, exclude: tuple[str, ...] = ()) -> Maven:
    return Maven(tuple(map(Coordinate.parse, coordinates)), transitive, exclude, None, None, 0, True)


def test_jars_come_with_their_dependencies_and_archives_alone() -> None:
    mixed = declare("g:a:1", "g:b:2:zip", "g:c:3:jar:linux", exclude=("x:y", "*:z"))
    assert in_pom(pom(mixed), "dependency/artifactId") == ["a", "c"]
    assert in_pom(pom(mixed), "dependency/classifier") == ["linux"]
    assert in_pom(pom(mixed), "dependency/exclusions") == ["xy*z", "xy*z"]
    assert in_pom(pom(mixed), "artifactItem") == ["gb2zip"]
    assert goals(mixed) == ["dependency:copy-dependencies", "-DincludeScope=runtime", "dependency:copy"]


def test_without_dependencies_nothing_is_resolved_beyond_what_is_named() -> None:
    alone = declare("g:a:1", transitive=False)
    assert in_pom(pom(alone), "artifactItem") == ["ga1jar"]
    assert goals(alone) == ["dependency:copy"]


def test_what_maven_gave_is_kept_and_taken_from_the_cache(machine: Machine) -> None:
    (machine.maven.repository / "a-1.jar").write_text("a")
    machine.run(GETTING, java_home="/opt/jdk", maven_repository="/opt/repository")
    machine.run({**GETTING, "path": "two"})
    assert held(machine.opt / "one") == held(machine.opt / "two") == {"a-1.jar": "a"}
    assert len(machine.maven.calls()) == 1
    assert machine.maven.calls()[0].startswith("-B -q ")
    assert "-Dmaven.repo.local=/opt/repository" in machine.maven.calls()[0]


def test_a_damaged_cache_is_noticed_and_filled_again(machine: Machine) -> None:
    (machine.maven.repository / "a-1.jar").write_text("a")
    machine.run(GETTING)
    [kept] = machine.cache.rglob("a-1.jar")
    kept.write_text("tampered")
    machine.run({**GETTING, "path": "two"})
    assert held(machine.opt / "two") == {"a-1.jar": "a"}
    assert len(machine.maven.calls()) == 2


def test_check_mode_calls_no_maven_and_an_unchanged_folder_neither(machine: Machine) -> None:
    checked = machine.run(GETTING, check_mode=True)
    assert checked["changed"]
    assert checked["folders"][0]["files"] is None
    assert not machine.cache.exists()
    (machine.maven.repository / "a-1.jar").write_text("a")
    machine.run(GETTING)
    machine.maven.executable.unlink()
    assert not machine.run(GETTING)["changed"]


def test_a_checksum_list_must_name_exactly_what_came(machine: Machine) -> None:
    (machine.maven.repository / "a-1.jar").write_text("a")
    (machine.maven.repository / "evil.jar").write_text("evil")
    sums = machine.path / "sums"
    sums.write_text(f"{sha256(machine.maven.repository / 'a-1.jar')}  a-1.jar\n")
    declared = {"path": "one", "artifacts": [{"maven": ["g:a:1"], "checksums": str(sums)}]}
    with pytest.raises(InvalidInput, match=r"The files of g:a:1 are not those .*: evil.jar came, and is not listed"):
        machine.run(declared)
    assert list(machine.opt.iterdir()) == []
    sums.write_text(sums.read_text() + f"{sha256(machine.maven.repository / 'evil.jar')}  evil.jar\n")
    assert machine.run(declared)["folders"][0]["files"] == 2
    sums.write_text(f"{'0' * 64}  a-1.jar\n")
    with pytest.raises(InvalidInput, match=r"a-1.jar is sha256:.*, listed is sha256:0000"):
        machine.run(declared)
    assert sorted(held(machine.opt / "one")) == ["a-1.jar", "evil.jar"]


def test_an_archive_from_maven_is_verified_and_unpacked(machine: Machine) -> None:
    archive = make_zip(machine.maven.repository / "server-1.zip", {"server-1/bin/run": "#!"})
    artifact = {"maven": ["g:server:1:zip"], "checksum": f"sha256:{sha256(archive)}", "strip": 1}
    machine.run({"path": "one", "artifacts": [artifact]})
    assert held(machine.opt / "one") == {"bin/run": "#!"}
    artifact["checksum"] = "sha256:" + "0" * 64
    with pytest.raises(InvalidInput, match=r"The checksum of g:server:1:zip is wrong: declared sha256:00"):
        machine.run({"path": "one", "artifacts": [artifact]})
    assert held(machine.opt / "one") == {"bin/run": "#!"}


def test_a_missing_maven_says_what_to_install(machine: Machine) -> None:
    with pytest.raises(CommandFailed) as failed:
        machine.run(GETTING, maven_executable="no-such-mvn")
    assert str(failed.value) == (
        "Maven could not get g:a:1 and 1 more: there is no command 'no-such-mvn'. "
        "Install Maven (apt install maven, dnf install maven), or name it by maven_executable."
    )
    assert list(machine.opt.iterdir()) == []


def test_a_maven_that_takes_too_long_is_ended(machine: Machine) -> None:
    machine.maven.runs("#!/bin/sh\nexec sleep 60\n")
    with pytest.raises(NotReady, match=r"Maven did not get g:a:1 and 1 more within 1 s. Look at the network"):
        machine.run(GETTING, timeout=1)


def plugins(project: Path, *modules: str) -> list[dict[str, Any]]:
    return [
        {"path": name, "artifacts": [{"project": str(project), "folder": f"{name}/target/plugin"}]} for name in modules
    ]


def test_two_artefacts_of_one_project_are_built_once_and_outside_of_it(machine: Machine) -> None:
    project = make_project(machine.path / "project", source="s1", sink="k1")
    before = [path for path in machine.snapshot() if path.startswith(str(project))]
    machine.run(*plugins(project, "source", "sink"))
    assert held(machine.opt / "source") == {"source.jar": "s1"}
    assert held(machine.opt / "sink") == {"sink.jar": "k1"}
    assert len(machine.maven.calls()) == 1
    assert [path for path in machine.snapshot() if path.startswith(str(project))] == before


def test_a_project_is_built_again_when_its_sources_change_and_only_then(machine: Machine) -> None:
    project = make_project(machine.path / "project", source="s1")
    machine.run(*plugins(project, "source"))
    for path in ("source/target/plugin/source.jar", "target/x", ".git/HEAD", "source/.test-run"):
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text("no source")
    assert not machine.run(*plugins(project, "source"))["changed"]
    (project / "source/Source.java").write_text("s2")
    assert machine.run(*plugins(project, "source"), check_mode=True)["changed"]
    assert machine.run(*plugins(project, "source"))["changed"]
    assert held(machine.opt / "source") == {"source.jar": "s2"}
    (project / "source/Source.java").write_text("s1")
    assert machine.run(*plugins(project, "source"))["changed"]
    assert held(machine.opt / "source") == {"source.jar": "s1"}
    assert len(machine.maven.calls()) == 2


def test_the_same_project_elsewhere_is_the_same(machine: Machine) -> None:
    machine.run(*plugins(make_project(machine.path / "clone1", source="s1"), "source"))
    assert not machine.run(*plugins(make_project(machine.path / "clone2", source="s1"), "source"))["changed"]


def test_a_build_failure_shows_the_first_errors_under_the_projects_own_path(machine: Machine) -> None:
    project = make_project(machine.path / "project", source="s1")
    machine.maven.runs(
        "#!/bin/sh\necho '[WARNING] old'\necho '[ERROR] COMPILATION ERROR : '\n"
        'echo "[ERROR] $PWD/source/Source.java:[3,5] cannot find symbol -> [Help 1]"\necho "[ERROR] second"\nexit 1\n'
    )
    with pytest.raises(CommandFailed) as failed:
        machine.run(*plugins(project, "source"))
    assert str(failed.value).splitlines() == [
        f"Maven could not build {project} (exit 1): {project}/source/Source.java:[3,5] cannot find symbol",
        "  second",
    ]
    assert list(machine.opt.iterdir()) == []


def test_a_project_that_changes_while_it_is_copied_is_not_kept_under_a_wrong_digest(machine: Machine) -> None:
    project = make_project(machine.path / "project", source="s1")
    artifact = Project(project, PurePosixPath("source/target/plugin"))
    record = look_at_artifact(artifact, None)
    (project / "source/Source.java").write_text("s2")
    store = Store(Cache(machine.cache), MavenCommand(str(machine.maven.executable), "", "", 10), print)
    with pytest.raises(InvalidInput, match=r"project changed while it was copied. Run again."):
        store.lay(artifact, record, machine.opt)
    assert machine.maven.calls() == []


def test_a_build_that_leaves_nothing_in_the_folder_is_told(machine: Machine) -> None:
    project = make_project(machine.path / "project", source="s1")
    with pytest.raises(
        CommandFailed, match=r"The build of .*project left nothing in sink/target/plugin. Correct folder."
    ):
        machine.run(*plugins(project, "sink"))


def test_error_lines_leave_out_what_helps_nobody_and_passwords() -> None:
    output = (
        "\x1b[31m[ERROR] Failed to get g:a:1 from https://user:geheim@host/x\x1b[0m\n[ERROR] \n"
        "[ERROR] Re-run Maven using the -X switch to enable full debug logging.\n[ERROR] [Help 1] http://x\n"
    )
    assert error_lines(output) == ["Failed to get g:a:1 from https://***@host/x"]
    assert error_lines("first\n\nThe JAVA_HOME environment variable is not defined correctly\n") == [
        "first",
        "The JAVA_HOME environment variable is not defined correctly",
    ]
    assert error_lines("") == ["it said nothing"]
