# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a folder has to be made anew: the laws of the plan, and the words for each reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.artifacts.declaration import Folder
from ansible_collections.loggy.pipeline.plugins.module_utils.artifacts.plan import (
    Manifest,
    Record,
    Seen,
    plan_folder,
    reason_to_change,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.artifacts.tree import Entry
from hypothesis import given
from hypothesis import strategies as st

NAMES = st.text(st.characters(exclude_characters="\0"), min_size=1)
NUMBERS = st.integers(0, 2**63)
TREES = st.dictionaries(NAMES, st.builds(Entry, st.text(), st.booleans(), NUMBERS, NUMBERS))
DECLARED = st.dictionaries(st.text(), st.text() | st.booleans() | st.integers() | st.lists(st.text()))
RECORDS = st.lists(st.builds(Record, st.text(), DECLARED, st.text(), st.text(), TREES)).map(tuple)
MANIFESTS = st.builds(Manifest, RECORDS, TREES)
JAR = Entry("1" * 64, False, 10, 1000)
RECORD = Record("a.jar", {"path": "a.jar"}, "digest", "/srv/a.jar", {"a.jar": JAR})
MANIFEST = Manifest((RECORD,), {"a.jar": JAR})
FOLDER = Folder(Path("/opt/x"), (), None, None, 0o755)


@given(MANIFESTS)
def test_a_manifest_is_the_same_after_it_was_written_and_read(manifest: Manifest) -> None:
    assert Manifest.from_json(manifest.to_json()) == manifest


@given(MANIFESTS)
def test_nothing_is_to_be_done_for_what_was_just_made(manifest: Manifest) -> None:
    planned = plan_folder(FOLDER, manifest.records, Seen(manifest, manifest.files, owned=True))
    assert planned.reason == ""
    assert planned.after == manifest.files


@given(MANIFESTS, NAMES, st.integers(0))
def test_what_a_half_written_manifest_says_is_not_believed(manifest: Manifest, name: str, length: int) -> None:
    text = manifest.to_json()
    assert Manifest.from_json(text[: length % (len(text) - 1)]) is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"artifacts": [], "files": {"a": []}}', '{"artifacts": 1, "files": {}}']
)
def test_json_that_is_no_manifest_is_not_believed(text: str) -> None:
    assert Manifest.from_json(text) is None


def with_files(**files: Entry) -> Seen:
    return Seen(MANIFEST, {name.replace("_", "."): entry for name, entry in files.items()}, owned=True)


@pytest.mark.parametrize(
    ("wanted", "seen", "reason"),
    [
        ([RECORD], None, "it is not there"),
        ([RECORD], Seen(None, {}, owned=True), "it has no readable manifest"),
        ([], with_files(a_jar=JAR), "the declared artefacts, or the local files that they are made from, changed"),
        (
            [replace(RECORD, digest="another")],
            with_files(a_jar=JAR),
            "the declared artefacts, or the local files that they are made from, changed",
        ),
        ([RECORD], with_files(), "a.jar is missing"),
        ([RECORD], with_files(a_jar=JAR, b_jar=JAR), "b.jar is not declared"),
        ([RECORD], with_files(a_jar=replace(JAR, digest="2" * 64)), "a.jar was changed"),
        ([RECORD], with_files(a_jar=replace(JAR, executable=True)), "a.jar was changed"),
        (
            [RECORD],
            with_files(b_jar=JAR, c_jar=JAR, d_jar=JAR),
            "a.jar is missing, b.jar is not declared, c.jar is not declared and 1 more",
        ),
        ([RECORD], replace(with_files(a_jar=JAR), owned=False), "its owner, group or mode differs"),
        ([RECORD], with_files(a_jar=replace(JAR, mtime_ns=5)), ""),
        ([replace(RECORD, location="/elsewhere/a.jar", label="new")], with_files(a_jar=JAR), ""),
    ],
)
def test_the_reason_is_told_in_words(wanted: list[Record], seen: Seen | None, reason: str) -> None:
    assert reason_to_change(wanted, seen) == reason
