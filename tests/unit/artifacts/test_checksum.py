# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checksum lists: what is read from them, and how each kind of difference is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.artifacts.checksum import (
    compare_sums,
    parse_sums,
    verify,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.artifacts.declaration import Checksum
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput

A, B = "a" * 64, "B" * 64


def test_a_list_as_sha256sum_prints_it_is_read() -> None:
    assert parse_sums(f"# Kafka\n{A}  one.jar\n\n{B} *./two.jar\n", "x") == {"one.jar": A, "two.jar": B.lower()}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "x lists no file"),
        (f"{A}  one.jar\nnonsense\n", "Line 2 of x is not '<sha256>  <file name>'"),
        (f"{A}  folder/one.jar\n", "Line 1 of x is not"),
        (f"{A}  one.jar\n{B}  one.jar\n", "Line 2 of x names one.jar a second time"),
    ],
)
def test_a_list_that_is_none_is_refused_by_line(text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message.replace("*", r"\*")):
        parse_sums(text, "x")


def test_every_file_that_is_missing_added_or_different_is_told() -> None:
    with pytest.raises(InvalidInput) as refused:
        compare_sums({"gone": "1", "same": "2", "changed": "3"}, {"new": "9", "same": "2", "changed": "4"}, "g:a:1")
    assert str(refused.value).splitlines()[:3] == [
        "The files of g:a:1 are not those of the checksum list: gone is listed, and did not come",
        "  new came, and is not listed",
        "  changed is sha256:4, listed is sha256:3",
    ]


def test_equal_sums_pass() -> None:
    compare_sums({"a": "1"}, {"a": "1"}, "g:a:1")


def test_a_wrong_checksum_names_the_artefact_and_both_checksums(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    verify(tmp_path / "x", Checksum("sha256", empty), "kafka.jar")
    with pytest.raises(InvalidInput) as refused:
        verify(tmp_path / "x", Checksum("sha256", A), "kafka.jar")
    assert str(refused.value).startswith(
        f"The checksum of kafka.jar is wrong: declared sha256:{A}, found sha256:{empty}. Nothing was changed."
    )
