# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pipeline's part of a file that Fluentd includes, between two marker lines. Pure: text goes in, text comes out.

What stands outside the markers is somebody else's and stays byte for byte.
"""

from __future__ import annotations

import re

from ..redact import is_secret, redact_config, redact_text

BEGIN = "# BEGIN loggy.pipeline: managed, changes are overwritten"
END = "# END loggy.pipeline"

_BLOCK = re.compile(
    rf"^[ \t]*{re.escape(BEGIN)}[ \t\r]*\n(?P<store>.*?)^[ \t]*{re.escape(END)}[ \t\r]*(?:\n|\Z)",
    re.MULTILINE | re.DOTALL,
)
_OPENS = re.compile(r"<(?P<name>\w+)(\s.*)?>\s*(#.*)?")
_CLOSES = re.compile(r"</(?P<name>\w+)\s*>\s*(#.*)?")
_PARAMETER = re.compile(r"(?P<indent>[ \t]*)(?P<key>[^\s<#]\S*)(?P<space>[ \t]+)(?P<value>\S.*?)(?P<end>\s*)")


def problems(store: str) -> list[str]:
    """Why ``store`` is not one or more whole <store> sections and nothing else; all reasons, empty when it is."""
    found: list[str] = []
    opened: list[tuple[str, int]] = []
    has_store = False
    for number, line in enumerate((line.strip() for line in store.split("\n")), 1):
        if line in (BEGIN, END):
            found.append(f"line {number} is a marker that the module sets itself")
        elif not line or line.startswith("#"):
            continue
        elif closes := _CLOSES.fullmatch(line):
            name, at = opened.pop() if opened else ("", 0)
            if not name:
                found.append(f"line {number} closes <{closes['name']}>, which is not open")
            elif name != closes["name"]:
                found.append(f"line {number} closes <{closes['name']}>, where <{name}> of line {at} is open")
        elif opens := _OPENS.fullmatch(line):
            if not opened and opens["name"] != "store":
                found.append(f"line {number} opens <{opens['name']}> outside a <store>")
            has_store = has_store or opens["name"] == "store"
            opened.append((opens["name"], number))
        elif line.startswith("<"):
            found.append(f"line {number} neither opens nor closes a section")
        elif not opened:
            found.append(f"line {number} stands outside a <store>")
    found += [f"<{name}> of line {number} is not closed" for name, number in opened]
    return found if found or has_store else ["it has no <store> section"]


def has_block(text: str | None) -> bool:
    return bool(text) and bool(_BLOCK.search(str(text)))


def is_damaged(text: str) -> bool:
    """Whether a marker of ours has lost its other one, so that nobody can tell what is ours."""
    markers = [line for line in (line.strip() for line in text.split("\n")) if line in (BEGIN, END)]
    return markers != [BEGIN, END] * (len(markers) // 2)


def block_of(text: str | None) -> str | None:
    """What stands between the markers."""
    found = _BLOCK.search(text or "")
    return found["store"] if found else None


def merge(text: str | None, store: str) -> str:
    """``text`` with ``store`` between the markers: where they are, else behind everything.

    The last line of the result ends as that of ``text`` does, which tells ``remove`` whether a newline is ours.
    """
    text = text or ""
    lines = store.strip("\n")
    block = f"{BEGIN}\n{lines}\n{END}"
    found = _BLOCK.search(text)
    if found is None:
        return f"{text}{block}\n" if not text or text.endswith("\n") else f"{text}\n{block}"
    ending = "\n" if found[0].endswith("\n") else ""
    return f"{text[: found.start()]}{block}{ending}{_BLOCK.sub('', text[found.end() :])}"


def remove(text: str) -> str:
    rest = _BLOCK.sub("", text)
    is_newline_ours = rest != text and not text.endswith("\n") and text.rsplit("\n", maxsplit=1)[-1].strip() == END
    return rest.removesuffix("\n") if is_newline_ours else rest


def holds_beside(text: str | None, store: str) -> bool:
    """Whether the same store is there outside the markers too, so that each record would go out twice."""
    return "\n".join(_lines(store)) in "\n".join(_lines(remove(text or "")))


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.split("\n") if line.strip() and not line.strip().startswith("#")]


def masked(text: str, other: str = "") -> str:
    """``text`` as it may be shown: a secret is (set), or (changed) where ``other`` has another one under its name."""
    secrets = _secrets(other)
    return "\n".join(_masked_line(line, secrets) for line in text.split("\n"))


def _masked_line(line: str, others: dict[str, set[str]]) -> str:
    found = _PARAMETER.fullmatch(line)
    if found is None or not is_secret(found["key"], found["value"]):
        return redact_text(line)
    key, value = found["key"], found["value"]
    other = next((one for one in others.get(key, ()) if value not in others[key]), value)
    return f"{found['indent']}{key}{found['space']}{redact_config({key: value}, {key: other})[key]}{found['end']}"


def secrets_in(text: str) -> set[str]:
    """What must not appear in any message: each secret value as it is written, and without its quotes or comment."""
    values = set().union(*_secrets(text).values())
    bare = {re.sub(r"\s+#.*", "", value).strip("\"'") for value in values}
    return values | bare


def _secrets(text: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in text.split("\n"):
        parameter = _PARAMETER.fullmatch(line)
        if parameter and is_secret(parameter["key"], parameter["value"]):
            found.setdefault(parameter["key"], set()).add(parameter["value"])
    return found
