# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX refuses of surveys, credential types and schedules, and what it injects: the rules of its API (24.6).

They are those of awx/api/views (JobTemplateSurveySpec), awx/main/fields.py (CredentialTypeInputField, -InjectorField)
and awx/main/models/credential.py (inject_credential), told again. Each gives the complaint, or an empty text.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

SURVEY_TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "textarea": (str,),
    "password": (str,),
    "multiplechoice": (str,),
    "multiselect": (str,),
    "integer": (int,),
    "float": (float, int),
}
INPUTS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "required": {"type": "array", "items": {"type": "string"}},
        "fields": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["id", "label"],
                "properties": {
                    "type": {"enum": ["string", "boolean"]},
                    "format": {"enum": ["ssh_private_key", "url"]},
                    "choices": {"type": "array", "minItems": 1, "items": {"type": "string"}, "uniqueItems": True},
                    "id": {"type": "string", "pattern": "^[a-zA-Z_]+[a-zA-Z0-9_]*$"},
                    **{key: {"type": "string"} for key in ("label", "help_text")},
                    **{key: {"type": "boolean"} for key in ("multiline", "secret", "ask_at_runtime")},
                    "default": {},
                },
            },
        },
    },
}
INJECTORS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "file": {
            "type": "object",
            "patternProperties": {r"^template(\.[a-zA-Z_]+[a-zA-Z0-9_]*)?$": {"type": "string"}},
            "additionalProperties": False,
        },
        "env": {
            "type": "object",
            "patternProperties": {"^(?!ANSIBLE_)[a-zA-Z_]+[a-zA-Z0-9_]*$": {"type": "string"}},
            "additionalProperties": False,
        },
        "extra_vars": {
            "type": "object",
            "patternProperties": {
                r"^[a-zA-Z_\{\}]+[a-zA-Z0-9_\{\}]*$": {
                    "anyOf": [{"type": "string"}, {"type": "array"}, {"$ref": "#/properties/extra_vars"}]
                }
            },
            "additionalProperties": False,
        },
    },
}


def survey_complaint(spec: Mapping[str, Any]) -> str:
    if not all(isinstance(spec.get(key), kind) for key, kind in (("name", str), ("description", str), ("spec", list))):
        return "A survey has a name, a description and a list of questions."
    if not spec["spec"]:
        return "'spec' doesn't contain any items."
    seen: set[str] = set()
    for question in spec["spec"]:
        complaint = _question_complaint(question)
        if complaint or question["variable"] in seen:
            return complaint or f"'variable' '{question['variable']}' duplicated in survey question."
        seen.add(question["variable"])
    return ""


def _question_complaint(question: Mapping[str, Any]) -> str:
    for key, kind in (("type", str), ("question_name", str), ("variable", str), ("required", bool)):
        if not isinstance(question.get(key), kind):
            return f"'{key}' of survey question {question} is no {kind.__name__}."
    if question["type"] not in SURVEY_TYPES:
        return f"'{question['type']}' is not one of the question types."
    if any(not isinstance(question.get(key, 0), int) for key in ("min", "max")):
        return f"The limits of {question['variable']} are to be integers."
    if question["type"].startswith("multi") and not question.get("choices"):
        return f"Survey question {question['variable']} must specify choices."
    return answer_complaint(question, question["default"]) if question.get("default", "") != "" else ""


def answer_complaint(question: Mapping[str, Any], answer: Any) -> str:
    """Whether a survey takes an answer; also asked of what schedules and workflows give in advance."""
    variable = question["variable"]
    if not isinstance(answer, SURVEY_TYPES[question["type"]]) or isinstance(answer, bool):
        return f"{answer!r} is no {question['type']} for {variable}."
    if question["type"] == "multiplechoice" and answer not in question["choices"]:
        return f"{answer!r} is no choice of {variable}."
    size = len(answer) if isinstance(answer, str) else answer
    if not question.get("min", size) <= size <= question.get("max", size):
        return f"{answer!r} is out of the limits of {variable}."
    return ""


def rrule_complaint(rrule: str) -> str:
    if not re.match(r"DTSTART(;TZID=[^:]+)?:\d{8}T\d{6}Z? RRULE:", rrule):
        return "A valid DTSTART is required in rrule, then one RRULE."
    return "" if re.search(r"[:;]INTERVAL=\d+", rrule) else "INTERVAL required in rrule."


def credential_type_complaint(credential_type: Mapping[str, Any]) -> str:
    try:
        jsonschema.validate(credential_type["inputs"], INPUTS)
        jsonschema.validate(credential_type["injectors"], INJECTORS)
    except jsonschema.ValidationError as error:
        return f"{error.json_path}: {error.message}"
    fields = credential_type["inputs"].get("fields", [])
    ids = [field["id"] for field in fields]
    if len(set(ids)) < len(ids) or "tower" in ids:
        return "field IDs must be unique, and none may be tower"
    if any(field.get("type") == "boolean" and {"choices", "secret", "multiline"} & set(field) for field in fields):
        return "not allowed for boolean type"
    if not set(credential_type["inputs"].get("required", [])) <= set(ids):
        return "a field is required that there is not"
    files = credential_type["injectors"].get("file", {})
    if "template" in files and len(files) > 1:
        return "Must use multi-file syntax when injecting multiple files"
    with tempfile.TemporaryDirectory() as folder:
        try:
            inject(credential_type, dict.fromkeys(ids, "EXAMPLE"), Path(folder))
        except TemplateError as error:
            return f"uses an undefined field ({error})"
    return ""


def inject(credential_type: Mapping[str, Any], values: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The extra variables that a job gets with a credential of these values; its files are written into ``folder``."""
    environment = ImmutableSandboxedEnvironment()
    tower = SimpleNamespace()
    namespace = {**{key: value for key, value in values.items() if value != ""}, "tower": tower}
    for label, template in credential_type["injectors"].get("file", {}).items():
        path = folder / f"awx_{label}"
        path.write_text(environment.from_string(template).render(namespace), encoding="utf-8")
        if "." in label:
            tower.filename = getattr(tower, "filename", SimpleNamespace())
            setattr(tower.filename, label.split(".")[1], str(path))
        else:
            tower.filename = str(path)

    def rendered(node: Any) -> Any:
        if isinstance(node, dict):
            return {rendered(key): rendered(value) for key, value in node.items()}
        if isinstance(node, list):
            return [rendered(value) for value in node]
        return environment.from_string(node).render(namespace)

    variables: dict[str, Any] = rendered(credential_type["injectors"].get("extra_vars", {}))
    return variables
