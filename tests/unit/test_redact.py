# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as a secret, and how texts lose it."""

from __future__ import annotations

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.redact import (
    is_secret,
    redact_config,
    redact_text,
    secret_values,
    without,
    without_any,
)
from hypothesis import given
from hypothesis import strategies as st

SECRETS = st.sets(st.text(min_size=1, max_size=8))


@pytest.mark.parametrize(
    "key",
    [
        "connection.password",
        "ssl.keystore.password",
        "aws.secret.access.key",
        "api_key",
        "sasl.jaas.config",
        "basic.auth.user.info",
        "forward.shared.key",
        "CLIENT_SECRET",
        "oauth.token",
    ],
)
def test_keys_that_hold_secrets_are_known_by_their_names(key: str) -> None:
    assert is_secret(key, "x")


@pytest.mark.parametrize("key", ["topic", "tasks.max", "key.converter", "file", "connection.username"])
def test_other_keys_are_shown(key: str) -> None:
    assert not is_secret(key, "x")


def test_a_key_can_be_known_to_be_secret_by_other_means() -> None:
    assert is_secret("pin", "x", {"pin"})
    assert redact_config({"pin": "x"}, None, {"pin"}) == {"pin": "(set)"}
    assert secret_values({"pin": "x", "topic": "t"}, {"pin"}) == {"x"}


@pytest.mark.parametrize("value", ["${file:/etc/secrets:password}", ""])
def test_a_reference_and_nothing_are_no_secrets(value: str) -> None:
    assert redact_config({"x.password": value}) == {"x.password": value}


def test_a_secret_with_a_reference_in_it_is_one() -> None:
    assert redact_config({"x.password": "pre${file:a:b}"}) == {"x.password": "(set)"}


def test_a_config_shows_that_a_secret_is_set_and_that_it_changed() -> None:
    config = {"a.password": "new", "b.password": "same", "c.password": "first", "topic": "t"}
    other = {"a.password": "old", "b.password": "same"}
    assert redact_config(config, other) == {
        "a.password": "(changed)",
        "b.password": "(set)",
        "c.password": "(set)",
        "topic": "t",
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET https://me:hush@host/x", "GET https://***@host/x"),
        ("jdbc:x://h/db?user=me&password=hush&a=1", "jdbc:x://h/db?user=me&password=***&a=1"),
        ('M required username="me" password="hu sh";', 'M required username="me" password=***;'),
        ("Config{token=hush, a=1}", "Config{token=***, a=1}"),
        ("mail me@host", "mail me@host"),
        ("http://host/a@b", "http://host/a@b"),
    ],
)
def test_passwords_inside_texts_are_masked(text: str, shown: str) -> None:
    assert redact_text(text) == shown


@given(st.text(), SECRETS, st.text())
def test_no_secret_of_some_length_is_left(before: str, secrets: set[str], after: str) -> None:
    text = without(before + "".join(sorted(secrets)) + after, secrets)
    assert not [secret for secret in secrets if len(secret) > 3 and secret in text.replace("***", "\0")]


def test_the_longest_secret_goes_first() -> None:
    assert without("abcdef", {"abcd", "abcdef"}) == "***"


def test_a_very_short_secret_goes_as_a_word_only() -> None:
    assert without("a banana has a", {"a"}) == "*** banana has ***"
    assert without("nothing", {""}) == "nothing"


def test_whatever_holds_texts_is_searched() -> None:
    assert without_any({"k-hush": ["hush", ("x hush", 7, None)]}, {"hush"}) == {"k-***": ["***", ["x ***", 7, None]]}
