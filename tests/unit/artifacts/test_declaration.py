# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Coordinates, checksums and URLs as a user declares them."""

from __future__ import annotations

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.artifacts.declaration import Checksum, Coordinate, Url
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput
from hypothesis import given
from hypothesis import strategies as st

NAMES = st.from_regex(r"[A-Za-z0-9_.-]+", fullmatch=True)
GOOD = Checksum("sha256", "0" * 64)


@given(st.tuples(NAMES, NAMES, NAMES.filter(lambda name: name not in ("LATEST", "RELEASE")), NAMES, NAMES))
def test_a_coordinate_is_the_same_after_it_was_written_and_parsed(parts: tuple[str, str, str, str, str]) -> None:
    for coordinate in (Coordinate(*parts), Coordinate(*parts[:4]), Coordinate(*parts[:3])):
        assert Coordinate.parse(str(coordinate)) == coordinate


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("g:a", "is not group:artifact:version"),
        ("g:a:1:jar:c:x", "is not group:artifact:version"),
        ("g:a:[1,2)", "is not group:artifact:version"),
        ("g:a:${version}", "is not group:artifact:version"),
        ("g:a:1:jar</type>", "is not group:artifact:version"),
        ("g:a:LATEST", "pins no version. Name the version."),
        ("g:a:RELEASE", "pins no version"),
    ],
)
def test_a_coordinate_that_is_none_or_pins_nothing_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Coordinate.parse(text)
    assert f"The Maven coordinate {text!r}" in str(refused.value)
    assert message in str(refused.value)


@pytest.mark.parametrize("text", ["", "0" * 64, "md5:" + "0" * 32, "sha256:" + "0" * 63, "sha512:" + "g" * 128])
def test_a_checksum_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not sha256: and 64, or sha512: and 128, hexadecimal digits"):
        Checksum.parse(text)


def test_a_checksum_may_be_in_upper_case() -> None:
    assert str(Checksum.parse("SHA512:" + "AB" * 64)) == "sha512:" + "ab" * 64


def test_a_url_shows_neither_its_password_nor_its_signature_and_keeps_them_out_of_what_is_recorded() -> None:
    url = Url("https://user:geheim@example.com/a%20b.jar?signature=geheim#geheim", GOOD, 0, True)
    assert str(url) == "https://***@example.com/a%20b.jar"
    assert "geheim" not in str(url.declared) + url.location
    assert url.name == "a b.jar"


def test_where_a_url_leads_to_does_not_count_as_declared() -> None:
    one, other = (Url(f"https://{host}/a.jar", GOOD, 0, True) for host in ("one.example", "other.example"))
    assert one.declared == other.declared
