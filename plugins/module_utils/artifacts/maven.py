# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gets artefacts and builds projects with the ``mvn`` command, which knows the user's settings and mirrors."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from ..errors import CommandFailed, NotReady
from ..redact import redact_text
from .declaration import Coordinate, Maven, MavenCommand

# Pinned, because Maven 3.8 would take 2.8 of 2013 by itself.
DEPENDENCY_PLUGIN = "3.8.1"
_SHOWN_LINES = 10
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_BOILERPLATE = re.compile(
    r"^(COMPILATION ERROR|To see the full stack|Re-run Maven|For more information|After correcting|\[Help|-> \[Help|$)"
)


def pom(maven: Maven) -> str:
    """A project whose dependencies are the coordinates that come with theirs, and which copies the others."""
    with_dependencies = [item for item in maven.coordinates if is_transitive(maven, item)]
    alone = [item for item in maven.coordinates if not is_transitive(maven, item)]
    dependencies = "".join(
        f"<dependency>{_item(item)}{_exclusions(maven.exclude)}</dependency>" for item in with_dependencies
    )
    items = "".join(f"<artifactItem>{_item(item)}</artifactItem>" for item in alone)
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        "<groupId>declared</groupId><artifactId>artifacts</artifactId><version>1</version><packaging>pom</packaging>"
        f"<dependencies>{dependencies}</dependencies>"
        "<build><plugins><plugin><groupId>org.apache.maven.plugins</groupId>"
        f"<artifactId>maven-dependency-plugin</artifactId><version>{DEPENDENCY_PLUGIN}</version>"
        f"<configuration><artifactItems>{items}</artifactItems></configuration></plugin></plugins></build></project>\n"
    )


def is_transitive(maven: Maven, coordinate: Coordinate) -> bool:
    """An archive is a distribution: what its pom names as dependencies is inside already."""
    return maven.transitive and not coordinate.is_archive


def goals(maven: Maven) -> list[str]:
    transitive = {is_transitive(maven, item) for item in maven.coordinates}
    return [
        *(["dependency:copy-dependencies", "-DincludeScope=runtime"] if True in transitive else []),
        *(["dependency:copy"] if False in transitive else []),
    ]


def _item(item: Coordinate) -> str:
    classifier = f"<classifier>{escape(item.classifier)}</classifier>" if item.classifier else ""
    return (
        f"<groupId>{escape(item.group)}</groupId><artifactId>{escape(item.artifact)}</artifactId>"
        f"<version>{escape(item.version)}</version><type>{escape(item.packaging)}</type>{classifier}"
    )


def _exclusions(exclude: Sequence[str]) -> str:
    pairs = (text.split(":") for text in exclude)
    inner = "".join(
        f"<exclusion><groupId>{escape(group)}</groupId><artifactId>{escape(artifact)}</artifactId></exclusion>"
        for group, artifact in pairs
    )
    return f"<exclusions>{inner}</exclusions>" if inner else ""


def copy_artifacts(command: MavenCommand, maven: Maven, work: Path, into: Path) -> None:
    """:param work: a folder for the pom; :param into: gets the files, and nothing else."""
    (work / "pom.xml").write_text(pom(maven), encoding="utf-8")
    run_maven(command, [*goals(maven), f"-DoutputDirectory={into}"], work, f"get {maven}")


def build_project(command: MavenCommand, copy: Path, project: Path) -> None:
    """:param copy: where the build runs; :param project: what it was copied from, as the reader knows it."""
    run_maven(
        command, ["-Dmaven.test.skip=true", "package"], copy, f"build {project}", shown_as=(str(copy), str(project))
    )


def run_maven(
    command: MavenCommand, arguments: Sequence[str], work: Path, to_do: str, shown_as: tuple[str, str] | None = None
) -> None:
    """:param to_do: what for, to follow "could not"; :param shown_as: a path in its output, and what to show for it."""
    repository = [f"-Dmaven.repo.local={command.repository}"] if command.repository else []
    try:
        done = subprocess.run(
            [_executable(command, to_do), "-B", "-q", "-Dstyle.color=never", *repository, *arguments],
            cwd=work,
            env={**os.environ, **({"JAVA_HOME": command.java_home} if command.java_home else {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=command.timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotReady(
            f"Maven did not {to_do} within {command.timeout} s.", advice="Look at the network, or raise timeout."
        ) from error
    if done.returncode:
        lines = error_lines(done.stdout.replace(*shown_as) if shown_as else done.stdout)
        raise CommandFailed("\n  ".join([f"Maven could not {to_do} (exit {done.returncode}): {lines[0]}", *lines[1:]]))


def _executable(command: MavenCommand, to_do: str) -> str:
    executable = shutil.which(command.executable)
    if executable is None:
        raise CommandFailed(
            f"Maven could not {to_do}: there is no command {command.executable!r}.",
            advice="Install Maven (apt install maven, dnf install maven), or name it by maven_executable.",
        )
    return executable


def error_lines(output: str) -> list[str]:
    """The first lines in which Maven says what is wrong; its last lines when it marked none."""
    lines = [_ANSI.sub("", line).strip() for line in output.splitlines()]
    errors = [line.removeprefix("[ERROR]").strip() for line in lines if line.startswith("[ERROR]")]
    told = [re.sub(r"\s*-> \[Help \d+\]$", "", line) for line in errors if not _BOILERPLATE.match(line)]
    shown = list(dict.fromkeys(told))[:_SHOWN_LINES] or [line for line in lines if line][-_SHOWN_LINES:]
    return [redact_text(line) for line in shown] or ["it said nothing"]
