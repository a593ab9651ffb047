"""What must agree across the collection's files, and no other tool compares."""

from __future__ import annotations

import importlib
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = "ansible_collections.loggy.pipeline.plugins"
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if (path / "meta").is_dir())

# Modules that talk to no API that has a connection of its own, so that there is nothing to give a group of them.
WITHOUT_GROUP = {
    "artifact_folder",
    "local_files",
    "local_preflight",
    "local_program_info",
    "local_programs_stopped",
    "log_event",
    "loggy_commute",
    "prometheus_dashboard_page",
}

TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "path": (str,),
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "list": (list,),
    "dict": (dict,),
    "raw": (object,),
}


def load(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def options_of(role: str) -> dict[str, dict[str, Any]]:
    return load(f"roles/{role}/meta/argument_specs.yml")["argument_specs"]["main"].get("options", {})


def defaults_of(role: str) -> dict[str, Any]:
    return load(f"roles/{role}/defaults/main.yml") or {} if (ROOT / f"roles/{role}/defaults/main.yml").exists() else {}


def is_template(value: Any) -> bool:
    return "{{" in str(value)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_and_its_action_plug_in_run_the_same_operation(name: str) -> None:
    module = importlib.import_module(f"{PLUGINS}.modules.{name}")
    action = importlib.import_module(f"{PLUGINS}.action.{name}")
    assert action.ActionModule.operation is module.OPERATION


def test_every_action_plug_in_has_a_module() -> None:
    assert sorted(path.stem for path in (ROOT / "plugins" / "action").glob("*.py")) == MODULES


def test_every_module_is_in_an_action_group_or_known_to_need_none() -> None:
    grouped = {name for group in load("meta/runtime.yml")["action_groups"].values() for name in group}
    assert grouped.isdisjoint(WITHOUT_GROUP)
    assert grouped | WITHOUT_GROUP == set(MODULES)


def examples() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name in MODULES:
        text = importlib.import_module(f"{PLUGINS}.modules.{name}").EXAMPLES
        for task in tasks_in(yaml.safe_load(text)):
            for action, arguments in task.items():
                if action.startswith("loggy.pipeline."):
                    yield name, action.removeprefix("loggy.pipeline."), arguments


def tasks_in(tasks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for task in tasks:
        inside = [inner for key in ("block", "rescue", "always", "tasks") for inner in task.get(key, [])]
        yield from tasks_in(inside) if inside else [task]


def unknown_options(arguments: dict[str, Any], spec: dict[str, Any]) -> Iterator[str]:
    for name, value in arguments.items():
        known = {**spec, **{alias: of for of in spec.values() for alias in of.get("aliases", [])}}
        if name not in known:
            yield name
            continue
        inner = value if isinstance(value, list) else [value]
        for item in inner:
            if isinstance(item, dict) and "options" in known[name]:
                yield from unknown_options(item, known[name]["options"])


def test_examples_use_only_options_that_exist() -> None:
    unknown = [
        f"{shown_in}: {module} has no option {option}"
        for shown_in, module, arguments in examples()
        for option in unknown_options(
            arguments or {}, dict(importlib.import_module(f"{PLUGINS}.modules.{module}").OPERATION.argument_spec)
        )
    ]
    assert unknown == []


@pytest.mark.parametrize("name", MODULES)
def test_a_module_shows_itself_in_its_examples(name: str) -> None:
    assert name in {module for shown_in, module, _arguments in examples() if shown_in == name}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_declares_each_variable_that_has_a_default_and_no_other(role: str) -> None:
    optional = {name for name, option in options_of(role).items() if not option.get("required")}
    assert set(defaults_of(role)) == optional


@pytest.mark.parametrize("role", ROLES)
def test_a_role_declares_the_default_that_it_has(role: str) -> None:
    defaults = defaults_of(role)
    declared = {name: option["default"] for name, option in options_of(role).items() if "default" in option}
    assert declared == {name: defaults.get(name) for name in declared}
    constants = {name for name, value in defaults.items() if not is_template(value) and value not in (None, "")}
    undeclared = {name for name in constants - set(declared) if not isinstance(defaults[name], (list, dict))}
    assert undeclared == set()


@pytest.mark.parametrize("role", ROLES)
def test_a_default_has_the_type_that_its_role_declares(role: str) -> None:
    options = options_of(role)
    wrong = [
        f"{name} is {value!r}, declared {options[name]['type']}"
        for name, value in defaults_of(role).items()
        if name in options and value is not None and not (isinstance(value, str) and is_template(value))
        if not isinstance(value, TYPES[options[name]["type"]])
        or (options[name]["type"] == "int" and isinstance(value, bool))
    ]
    assert wrong == []


def test_a_yes_or_no_is_asked_for_as_one_since_a_command_line_hands_over_text() -> None:
    names = [name for role in ROLES for name, option in options_of(role).items() if option["type"] == "bool"]
    paths = [path for kind in ("tasks", "vars", "templates") for path in (ROOT / "roles").glob(f"*/{kind}/*")]
    # Messages say "set it to true", or that it "is true".
    prose = r"(?! *}})(?! (is|to)\b(?! (not |defined|none)))"
    asked = re.compile(rf"\b({'|'.join(names)})\b{prose}(?! \| (default\(\w+\) \| )?bool\b)")
    wrong = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in [*paths, *(ROOT / "playbooks").glob("*.yml")]
        for line in path.read_text(encoding="utf-8").splitlines()
        if asked.search(line) and not re.match(rf"\s*({'|'.join(names)}):|\s*#", line)
    ]
    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
def test_a_role_prefixes_its_variables_with_its_name(role: str) -> None:
    assert [name for name in defaults_of(role) if name != role and not name.startswith(f"{role}_")] == []


@pytest.mark.parametrize("role", ROLES)
def test_a_role_says_in_a_comment_what_each_default_is(role: str) -> None:
    path = ROOT / "roles" / role / "defaults" / "main.yml"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    uncommented = [
        line
        for before, line in zip(["", *lines], lines, strict=False)
        if re.match(r"[a-z]\w*:", line) and before[:1] != "#"
    ]
    assert uncommented == []


def test_collection_and_connect_plug_ins_have_one_version() -> None:
    version = load("galaxy.yml")["version"]
    space = {"m": "http://maven.apache.org/POM/4.0.0"}
    versions = {
        str(path.relative_to(ROOT)): node.text
        for path in sorted((ROOT / "connect-plugins").glob("**/pom.xml"))
        if "target" not in path.parts
        for node in ET.parse(path).findall("m:version", space) + ET.parse(path).findall("m:parent/m:version", space)
    }
    assert versions == dict.fromkeys(versions, version)
    assert "connect-plugins/pom.xml" in versions


def test_every_make_target_that_the_documents_name_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    documents = [ROOT / "README.md", *(ROOT / "docs").glob("**/*.md")]
    named = {
        target
        for document in documents
        for target in re.findall(
            r"(?:^|`)\s*make ([a-z][a-z0-9-]*)", document.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    assert named <= targets
    assert {"run", "test"} <= named


def test_only_the_operations_own_file_ends_a_module() -> None:
    enders = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "plugins").glob("**/*.py")
        if re.search(r"\.(fail_json|exit_json)\(", path.read_text(encoding="utf-8"))
    }
    assert enders == {"plugins/module_utils/operation.py"}
