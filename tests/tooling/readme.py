"""README's tables of playbooks, roles and modules, from what those say of themselves. --write writes them anew.

Each table stands between a comment that names it and one that ends it; all else is written by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.tooling import variables
from tests.tooling.generated import write_or_compare

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "README.md"


def main(arguments: list[str]) -> int:
    return write_or_compare(PAGE, with_tables(read(PAGE)), "playbooks, roles and modules say", arguments)


def with_tables(page: str) -> str:
    for name, rows in {"playbooks": playbooks(), "roles": roles(), "modules": modules()}.items():
        marks = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        if any(page.count(mark) != 1 for mark in marks):
            raise SystemExit(f"README.md needs the marks {' and '.join(mark.strip() for mark in marks)}, each once.")
        table = "\n".join([f"| {name.removesuffix('s')} | |", "|---|---|", *rows]) + "\n"
        begin, rest = page.split(marks[0])
        page = begin + marks[0] + table + marks[1] + rest.split(marks[1])[1]
    return page


def playbooks() -> Iterator[str]:
    """Those at the root by what they import, the others by their path; the first comment says what each does."""
    at_root = {path.stem.replace("-", "_"): path.name for path in ROOT.glob("*.yml") if "import_playbook" in read(path)}
    found = {path.stem: path for path in (ROOT / "playbooks").glob("*.yml")}
    for name in sorted(found, key=lambda name: (name not in at_root, name)):
        comment = re.search(r"^# (.*)$", read(found[name]), re.MULTILINE)
        if comment is None:
            raise SystemExit(f"playbooks/{name}.yml says in no comment what it does.")
        yield f"| `{at_root.get(name, f'playbooks/{name}.yml')}` | {sentence(comment[1])} |"


def roles() -> Iterator[str]:
    for name in sorted(variables.roles()):
        told = variables.load(name, "meta/argument_specs.yml")["argument_specs"]["main"]["short_description"]
        yield f"| [`{name}`](docs/variables.md#{name}) | {sentence(told)} |"


def modules() -> Iterator[str]:
    for path in sorted((ROOT / "plugins" / "modules").glob("*.py")):
        yield f"| `{path.stem}` | {sentence(documentation(path)['short_description'])} |"


def documentation(path: Path) -> dict[str, Any]:
    text = re.search(r'^DOCUMENTATION = r"""\n(.*?)^"""', read(path), re.MULTILINE | re.DOTALL)
    if text is None:
        raise SystemExit(f"{path.relative_to(ROOT)} has no DOCUMENTATION.")
    return dict(yaml.safe_load(text[1]))


def sentence(text: str) -> str:
    """Without a full stop, and with a dash of the documentation's own put as a colon."""
    return text.replace(" - ", ": ", 1).removesuffix(".").removesuffix(":")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
