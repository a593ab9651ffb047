# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hides secrets in whatever a person may read: diffs, results, logs, errors. Pure; knows no API."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

# Connect's own names for its passwords, and what connectors in the field call theirs.
_SECRET_KEY = re.compile(
    r"(?i)(password|passwd|secret|token|credential|api[._-]?key|shared[._-]?key|private[._-]?key|key\.?pem"
    r"|sasl\.jaas\.config|basic\.auth\.user\.info|auth\.users?\b)"
)
# A reference that a ConfigProvider resolves on the worker holds no secret itself (KIP-297).
_REFERENCE = re.compile(r"^\$\{[^}]+\}$")
_URL_USER = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^/@\s]+@", re.IGNORECASE)
# As in a JDBC URL's query, or in a JAAS entry that a stack trace quotes.
_ASSIGNED = re.compile(
    r"""(?i)(?P<key>\b(?:password|passwd|pwd|secret|token|api[_-]?key)=)("[^"]*"|'[^']*'|[^&;,\s)}]+)"""
)


def is_secret(key: str, value: Any, secret_keys: Collection[str] = ()) -> bool:
    """Whether the value under this configuration key must not be shown.

    :param secret_keys: keys that are known to hold secrets, whatever they are called.
    """
    is_secret_key = key in secret_keys or bool(_SECRET_KEY.search(key))
    return is_secret_key and not (isinstance(value, str) and (not value or _REFERENCE.match(value)))


def redact_config(
    config: Mapping[str, Any], other: Mapping[str, Any] | None = None, secret_keys: Collection[str] = ()
) -> dict[str, Any]:
    """``config`` with each secret replaced by ``(set)``, or by ``(changed)`` where ``other`` holds a different one."""
    return {
        key: ("(changed)" if other is not None and other.get(key) not in (None, value) else "(set)")
        if is_secret(key, value, secret_keys)
        else redact_text(value)
        if isinstance(value, str)
        else value
        for key, value in config.items()
    }


def redact_text(text: str) -> str:
    """``text`` without the user and password that a URL in it may carry, and without ``password=...``."""
    return _ASSIGNED.sub(r"\g<key>***", _URL_USER.sub(r"\g<scheme>***@", text))


def secret_values(config: Mapping[str, Any], secret_keys: Collection[str] = ()) -> set[str]:
    """The values in ``config`` that must not appear in any message."""
    return {str(value) for key, value in config.items() if is_secret(key, value, secret_keys)}


def without(text: str, secrets: set[str]) -> str:
    """``text`` with each of ``secrets`` masked; the longest first, so that no rest of one stays."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        # A very short one is masked as a word only, or it would take half of every message with it.
        pattern = re.escape(secret) if len(secret) > 3 else rf"(?<!\w){re.escape(secret)}(?!\w)"
        text = re.sub(pattern, "***", text)
    return text


def without_any(value: Any, secrets: set[str]) -> Any:
    """``value`` with ``secrets`` masked in each string in it, however deep."""
    if isinstance(value, str):
        return without(value, secrets)
    if isinstance(value, Mapping):
        return {without_any(key, secrets): without_any(item, secrets) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_any(item, secrets) for item in value]
    return value
