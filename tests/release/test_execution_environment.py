# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder that ansible-builder makes an image from: whether all that its steps take is in it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from tests.release.conftest import ROOT
from tests.release.environments import Environment
from tests.tooling import dist


@pytest.fixture(scope="module")
def context(tools: Environment, archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    checkout = tmp_path_factory.mktemp("checkout")
    shutil.copy(ROOT / "execution-environment.yml", checkout)
    (checkout / "build" / "dist").mkdir(parents=True)
    shutil.copy(archive, checkout / "build" / "dist" / dist.NEWEST)
    created = tools.run("ansible-builder", "create", "--output-filename", "Containerfile", cwd=checkout)
    assert created.returncode == 0, created.stdout
    return checkout / "context"


@pytest.fixture(scope="module")
def collections(tools: Environment, context: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As a step of the image's build installs them: from the folder that it has copied, and nothing else."""
    folder = tmp_path_factory.mktemp("collections")
    where = ["--collections-path", str(folder), "--offline", "--no-deps"]
    command = ["ansible-galaxy", "collection", "install", *where, "--requirements-file", "requirements.yml"]
    installed = tools.run(*command, cwd=context / "_build")
    assert installed.returncode == 0, installed.stdout
    return folder


def test_the_image_gets_this_collection_from_the_archive(collections: Path) -> None:
    assert (collections / "ansible_collections" / "loggy" / "pipeline" / "MANIFEST.json").is_file()


def test_the_image_gets_what_the_collection_requires(tools: Environment, collections: Path) -> None:
    told = tools.run("ansible-builder", "introspect", collections, cwd=collections)
    assert told.returncode == 0, told.stdout
    found = yaml.safe_load(told.stdout)
    for kind, file in (("python", "requirements.txt"), ("system", "bindep.txt")):
        lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
        wanted = [line for line in lines if line and not line.startswith("#")]
        assert [one.partition("  # from")[0] for one in found[kind]] == wanted


def test_the_base_image_and_the_collections_ansible_are_those_that_are_declared(context: Path) -> None:
    steps = (context / "Containerfile").read_text(encoding="utf-8")
    declared = yaml.safe_load((ROOT / "execution-environment.yml").read_text(encoding="utf-8"))
    assert f'ARG EE_BASE_IMAGE="{declared["images"]["base_image"]["name"]}"' in steps
    assert re.search(r"^FROM \$EE_BASE_IMAGE AS base$", steps, re.MULTILINE)
    required = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["requires_ansible"]
    assert declared["dependencies"]["ansible_core"]["package_pip"] == f"ansible-core{required}"
    assert f'ARG ANSIBLE_INSTALL_REFS="ansible-core{required} ansible-runner"' in steps
