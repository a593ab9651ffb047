# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds settings to the options that the modules declare, without Ansible. Pure but for the secrets it fetches."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "path": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "list": (list,),
    "dict": (dict,),
}
_REFERENCES = ("file", "environment")
# Of a secret that is refused: it is set all the same, so that no rule calls it missing.
_UNKNOWN = "?"


def checked(values: Mapping[str, Any], spec: Mapping[str, Any], problems: list[str], where: str = "") -> dict[str, Any]:
    """``values`` with the defaults of ``spec``, an argument_spec, and with its secrets in place of their references.

    :param problems: gets one line for each thing that is wrong; the result is of no use then.
    :param where: the name of what ``values`` are the options of, with its dot.
    """
    for name in values:
        if name not in spec:
            close = difflib.get_close_matches(name, spec, n=1)
            problems.append(f"{where}{name} is no setting" + (f"; is it {where}{close[0]}?" if close else "."))
    result = {}
    for name, option in spec.items():
        value = values.get(name)
        if value is None:
            if option.get("required"):
                problems.append(f"{where}{name} is missing.")
            result[name] = option.get("default")
        else:
            result[name] = _value(value, option, problems, where + name)
    return result


def check_rules(values: Mapping[str, Any], rules: Mapping[str, Any], problems: list[str], where: str = "") -> None:
    """Of AnsibleModule's rules those that our options have."""

    def is_set(name: str) -> bool:
        return bool(values.get(name))

    for names in rules.get("mutually_exclusive", ()):
        if sum(map(is_set, names)) > 1:
            problems.append(f"{_all(names, where)} exclude one another.")
    for names in rules.get("required_together", ()):
        if 0 < sum(map(is_set, names)) < len(names):
            problems.append(f"{_all(names, where)} go together.")
    for names in rules.get("required_one_of", ()):
        if not any(map(is_set, names)):
            problems.append(f"One of {_all(names, where)} is needed.")
    for name, needed in rules.get("required_by", {}).items():
        problems += [f"{where}{name} needs {where}{one}." for one in needed if is_set(name) and not is_set(one)]
    for name, value, needed in rules.get("required_if", ()):
        if values.get(name) == value:
            problems += [f"{where}{name} {value} needs {where}{one}." for one in needed if not is_set(one)]


def _value(value: Any, option: Mapping[str, Any], problems: list[str], where: str) -> Any:
    if option.get("no_log"):
        return _secret(value, problems, where)
    kind: str = option["type"]
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "bool"):
        problems.append(f"{where} must be a {kind}, and is {type(value).__name__}.")
        return value
    if "choices" in option and value not in option["choices"]:
        problems.append(f"{where} is {value!r}; it can be {', '.join(option['choices'])}.")
    return _inside(value, option, problems, where)


def _inside(value: Any, option: Mapping[str, Any], problems: list[str], where: str) -> Any:
    """``value``, which has the type that ``option`` says, with what is in it checked."""
    if option["type"] == "path":
        return str(Path(value).expanduser())
    if option["type"] == "dict" and "options" in option:
        values = checked(value, option["options"], problems, f"{where}.")
        check_rules(values, option, problems, f"{where}.")
        return values
    if option["type"] == "list":
        element = {**option, "type": option["elements"]}
        return [_value(one, element, problems, f"{where}[{at}]") for at, one in enumerate(value)]
    return value


def _secret(value: Any, problems: list[str], where: str) -> str:
    """:param value: {"file": PATH} or {"environment": NAME}: a settings file is no place for a secret."""
    if not isinstance(value, dict) or len(value) != 1 or not set(value) <= set(_REFERENCES):
        problems.append(f'{where} is a secret: give {{"file": PATH}} or {{"environment": NAME}} in its place.')
        return _UNKNOWN
    ((kind, name),) = value.items()
    try:
        secret = Path(name).read_text(encoding="utf-8").rstrip("\r\n") if kind == "file" else os.environ.get(name, "")
    except (OSError, ValueError, TypeError) as error:
        problems.append(f"{where}: {name} could not be read: {getattr(error, 'strerror', None) or 'no text'}.")
        return _UNKNOWN
    if not secret:
        problems.append(f"{where}: {kind} {name} is " + ("empty." if kind == "file" else "not set."))
    return secret or _UNKNOWN


def _all(names: Any, where: str) -> str:
    return " and ".join(where + name for name in names)
