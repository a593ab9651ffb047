# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that are refused before anything is looked at, each with its message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.artifacts.folders import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput

from tests.unit.artifacts.machine import Machine
from tests.unit.run_operation import validated

SUM = "sha256:" + "0" * 64
ALONE = {"maven": ["g:a:1"], "transitive": False}


@pytest.mark.parametrize(
    ("artifact", "message"),
    [
        ({"path": "relative.jar"}, "path is 'relative.jar', which is no absolute path"),
        ({"path": "/srv/../x.jar"}, "path is '/srv/../x.jar', which is no absolute path"),
        ({"path": "/nowhere/x.jar"}, "The artefact /nowhere/x.jar is not there"),
        ({"path": "/nowhere/x.rar"}, "What 'x.rar' is can't be told from its name"),
        ({"path": "/tmp", "checksum": SUM}, "/tmp is a folder, and has no checksum"),
        ({"path": "/nowhere/x.jar", "checksum": "md5:0"}, "The checksum 'md5:0' is not sha256:"),
        ({"path": "/nowhere/x.zip", "strip": -1}, "strip is -1; the least is 0"),
        ({"url": "ftp://host/x.jar", "checksum": SUM}, "The URL ftp://host/x.jar is not http, https or file"),
        ({"url": "https://host/", "checksum": SUM}, "What '' is can't be told from its name"),
        ({"url": "https://host/x.jar", "checksum": ""}, "An artefact by url needs its checksum"),
        ({"maven": []}, "An artefact's maven list is empty"),
        ({"maven": ["g:a"]}, "The Maven coordinate 'g:a' is not"),
        ({"maven": ["g:a:1"], "exclude": ["g"]}, "The exclusion 'g' is not group:artifact"),
        ({"maven": ["g:a:1"], "checksum": SUM}, "One checksum can't hold for g:a:1, which is several files"),
        ({**ALONE, "maven": ["g:a:1", "g:b:1"], "checksum": SUM}, "One checksum can't hold for g:a:1 and 1 more"),
        ({"maven": ["g:a:1"], "checksums": "/nowhere/sums"}, "The checksum list /nowhere/sums can't be read"),
        ({"project": "/nowhere", "folder": "target"}, "The project /nowhere is not there"),
        ({"project": "/tmp", "folder": "../target"}, "The folder '../target' is not inside the project /tmp"),
        ({"project": "/tmp", "folder": "target", "checksum": SUM}, "The project /tmp is built here"),
        ({"project": "/usr", "folder": "target"}, "The project /usr has no pom.xml"),
    ],
)
def test_an_artefact_is_refused(machine: Machine, artifact: dict[str, Any], message: str) -> None:
    before = machine.snapshot()
    with pytest.raises(InvalidInput) as refused:
        machine.run({"path": "one", "artifacts": [artifact]})
    assert message in str(refused.value)
    assert machine.snapshot() == before


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        ({"mode": "rwx"}, "The mode 'rwx' is not octal digits"),
        ({"mode": "0055"}, "The mode '0055' is not octal digits that let the owner in"),
        ({"owner": "nobody-like-this"}, "There is no user 'nobody-like-this' on this machine. Create the user first."),
        ({"group": "nobody-like-this"}, "There is no group 'nobody-like-this' on this machine"),
    ],
)
def test_a_folder_is_refused(machine: Machine, folder: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        machine.run({"path": "one", "artifacts": [], **folder})
    assert message in str(refused.value)
    assert not (machine.opt / "one").exists()


@pytest.mark.parametrize("other", ["one", "one/inside", "."])
def test_folders_that_are_inside_each_other_are_refused(machine: Machine, other: str) -> None:
    with pytest.raises(InvalidInput, match="are the same folder, or one is inside the other"):
        machine.run({"path": "one", "artifacts": []}, {"path": other, "artifacts": []})


def test_a_link_as_a_folder_is_refused(machine: Machine, tmp_path: Path) -> None:
    (machine.opt / "one").symlink_to(tmp_path)
    with pytest.raises(InvalidInput, match=r"opt/one is a link. Name the folder that it leads to."):
        machine.run({"path": "one", "artifacts": []})


@pytest.mark.parametrize(
    ("artifact", "message"),
    [
        ({"url": "https://host/x.jar"}, "missing parameter(s) required by 'url': checksum"),
        ({"project": "/srv/x"}, "parameters are required together: project, folder"),
        ({}, "one of the following is required: path, url, maven, project"),
        ({"path": "/x.jar", "url": "https://x", "checksum": SUM}, "parameters are mutually exclusive"),
        ({"path": "/x.jar", "checksums": "/sums"}, "missing parameter(s) required by 'checksums': maven"),
    ],
)
def test_the_argument_specification_refuses(artifact: dict[str, Any], message: str) -> None:
    with pytest.raises(AssertionError) as refused:
        validated(OPERATION, folders=[{"path": "/x", "artifacts": [artifact]}], cache="/c")
    assert message in str(refused.value)
