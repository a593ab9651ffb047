"""docs/variables.md and each role's README.md, from the roles' own files: compared, or with --write written anew."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.tooling.generated import write_or_compare

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "variables.md"
LONGEST_DEFAULT = 100

INTRODUCTION = """\
# Variables

Set them in an inventory's `group_vars`, or with `-e`. `make docs` writes this page from each role's
`meta/argument_specs.yml` and `defaults/main.yml`. A default in double braces is made of other variables.
"""


ROLE_PAGE = """\
# loggy.pipeline.{role}

{meaning}

The collection's playbooks run it; `docs/architecture.md` says what each role is for. `make docs` writes this page from
`meta/argument_specs.yml` and `defaults/main.yml`. A default in double braces is made of other variables.
"""


def main(arguments: list[str]) -> int:
    pages = {PAGE: INTRODUCTION + "".join(f"\n{part}\n" for role in roles() for part in chapter(role))}
    pages |= {ROOT / "roles" / role / "README.md": role_page(role) for role in roles()}
    return max(write_or_compare(path, page, "the roles declare", arguments) for path, page in pages.items())


def roles() -> list[str]:
    """The shared role first, then the order of the alphabet."""
    names = [path.parents[1].name for path in (ROOT / "roles").glob("*/meta/argument_specs.yml")]
    return sorted(names, key=lambda name: (name != "loggy", name))


def chapter(role: str) -> Iterator[str]:
    spec = load(role, "meta/argument_specs.yml")["argument_specs"]["main"]
    yield f"## `{role}`"
    yield f"{spec['short_description'].rstrip('.')}."
    rows = list(rows_of(spec.get("options", {}), load(role, "defaults/main.yml")))
    if rows:
        yield "\n".join(["| variable | type | default | |", "|---|---|---|---|", *rows])


def role_page(role: str) -> str:
    """What Galaxy shows of it."""
    _heading, meaning, *table = chapter(role)
    return ROLE_PAGE.format(role=role, meaning=meaning) + "".join(f"\n{part}\n" for part in table)


def load(role: str, path: str) -> dict[str, Any]:
    file = ROOT / "roles" / role / path
    return (yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else None) or {}


def rows_of(options: dict[str, Any], defaults: dict[str, Any], parent: str = "") -> Iterator[str]:
    for name, option in options.items():
        kind = f"{option['type']} of {option['elements']}" if "elements" in option else option["type"]
        default = "required" if option.get("required") else shown(defaults.get(name, option.get("default")))
        yield f"| `{parent}{name}` | {kind} | {default} | {meaning(option)} |"
        below = f"{parent}{name}[]." if option["type"] == "list" else f"{parent}{name}."
        yield from rows_of(option.get("options", {}), {}, below)


def meaning(option: dict[str, Any]) -> str:
    description = option["description"]
    text = " ".join([description] if isinstance(description, str) else description)
    if "choices" in option:
        text += " One of " + ", ".join(f"`{choice}`" for choice in option["choices"]) + "."
    return re.sub(r"\b[A-Z]\(([^()]*)\)", r"`\1`", re.sub(r"\s+", " ", text)).replace("|", "\\|").strip()


def shown(default: Any) -> str:
    if default is None:
        return ""
    text = default if isinstance(default, str) and default else json.dumps(default)
    if len(text) > LONGEST_DEFAULT:
        return "see the role's defaults"
    return "`" + re.sub(r"\s+", " ", text).replace("|", "\\|").strip() + "`"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
