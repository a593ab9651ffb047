# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gets Java archives with the `mvn` command, once."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.cluster import paths
from tests.cluster.commands import run, say
from tests.cluster.errors import ClusterError

_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
_SECONDS = 900


def copy(name: str, coordinates: Sequence[str], *, dependencies: bool = True) -> Path:
    """:param coordinates: group:artifact:version or group:artifact:version:type each.
    :param dependencies: also what they need at run time.
    :returns: a folder with the files, and nothing else.
    """
    digest = hashlib.sha256(repr((_PLUGIN, list(coordinates), dependencies)).encode()).hexdigest()
    folder = paths.MAVEN / f"{name}-{digest[:12]}"
    if folder.exists():
        return folder
    say(f"Getting {name} with Maven")
    paths.MAVEN.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=paths.MAVEN) as work:
        pom = Path(work) / "pom.xml"
        pom.write_text(_pom(coordinates))
        files = Path(work) / "files"
        alone = [] if dependencies else ["-DexcludeTransitive=true"]
        goal = [f"{_PLUGIN}:copy-dependencies", "-DincludeScope=runtime", *alone, f"-DoutputDirectory={files}"]
        run(["mvn", "-B", "-q", "-Dstyle.color=never", "-f", pom, *goal], timeout=_SECONDS)
        files.rename(folder)
    return folder


def verify(folder: Path, checksums: Mapping[str, str]) -> None:
    """:param checksums: the SHA-256 of each file that there is to be, and of no other."""
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    wrong = sorted(name for name, _ in found.items() ^ checksums.items())
    if wrong:
        shutil.rmtree(folder)
        raise ClusterError(f"what Maven got is not what was expected: {', '.join(wrong)}")


def _pom(coordinates: Sequence[str]) -> str:
    dependencies = "".join(f"<dependency>{_item(*text.split(':'))}</dependency>" for text in coordinates)
    return (
        "<project><modelVersion>4.0.0</modelVersion>"
        "<groupId>loggy.test</groupId><artifactId>wanted</artifactId><version>1</version><packaging>pom</packaging>"
        f"<dependencies>{dependencies}</dependencies></project>\n"
    )


def _item(group: str, artifact: str, version: str, kind: str = "jar") -> str:
    return (
        f"<groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version><type>{kind}</type>"
    )
