"""docs/troubleshooting.md: every message that the collection fails with, read from the code. --write writes it anew.

A message is what an error of ``module_utils/errors.py`` is made with, or what a task of a role refuses with. What
differs from case to case is shown by its name in the code, in italics.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.tooling.generated import write_or_compare

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "troubleshooting.md"
ERRORS = ROOT / "plugins" / "module_utils" / "errors.py"

INTRODUCTION = """\
# Troubleshooting by message

Every message that the collection fails with, by kind. What is in *italics* differs from case to case. `make docs`
writes this page from the code, and a test keeps it whole. A failed verification speaks in verdicts:
[reports.md](reports.md).

With `-v`, a failed task shows the details of its error as values, such as `status` and `url`. Programs that run on one
machine log to `log/` in `loggy_state_dir`.
"""

# What each kind of error says beyond its message: the cause that all of its kind share.
KINDS = {
    "InvalidInput": "Refused before anything was touched: what was given can't be right. Correct it and run again.",
    "MissingLibrary": "A Python library is missing where the task ran.",
    "Unreachable": "No server answered: it does not run, the address is wrong, something is in between, or TLS failed.",
    "Unauthorized": "The server knows neither user nor key, or does not allow this.",
    "NotFound": "The server has no such thing.",
    "Conflict": "The server is in a state that does not allow this now.",
    "ApiError": "A server answered with an error; the message quotes it.",
    "UnexpectedAnswer": "Something answered that is not the API that was asked for: mostly a proxy or a login page.",
    "NotReady": "What was waited for did not come in time, or can't come any more.",
    "CommandFailed": "A program on the machine ended with an error; the message has its last lines.",
    "PipelineError": "A verdict, or what a stop says of itself.",
    "WireError": "A peer on a socket does not speak the protocol that is expected there.",
}
ROLES = "Roles"
SECTIONS = {**KINDS, ROLES: "What a role's own tasks refuse with, before or instead of a module."}
# They hand on what they are given: that is what a reader knows it by.
PLAIN = {"len", "str", "sorted", "repr", "list", "min", "max", "map"}

# Lines that are put together elsewhere: what begins them, or what they are.
COMPOSED = {
    "problems": "one line for each problem",
    "lines": "one line for each problem",
    "failed": "one line for each that failed",
    "errors": "one line for each error",
}


@dataclass(frozen=True)
class Message:
    """``kind`` is an error's class, or ROLES; ``source`` is the file, from the root."""

    kind: str
    text: str
    advice: str
    source: str
    line: int

    @property
    def has_words(self) -> bool:
        """Some only pass on what a library, or another message, says."""
        return re.search(r"[a-z]{2}", re.sub(r"\*[^*]*\*", "", self.text)) is not None


def main(arguments: list[str]) -> int:
    return write_or_compare(PAGE, page_of(messages()), "the code says", arguments)


def page_of(found: list[Message]) -> str:
    parts = [INTRODUCTION]
    for kind, meaning in SECTIONS.items():
        listed = [one for one in found if one.kind == kind and one.has_words]
        if rows := sorted({(one.text, one.advice, shown_source(one)) for one in listed}):
            heads = ["| message | what to do | from |", "|---|---|---|"]
            table = [*heads, *(f"| {text} | {advice} | {source} |" for text, advice, source in rows)]
            parts.append(f"## {kind}\n\n{meaning}\n\n" + "\n".join(table) + "\n")
    return "\n".join(parts)


def shown_source(message: Message) -> str:
    path = Path(message.source).with_suffix("")
    inner = path.parts[2:] if path.parts[0] == "plugins" else path.parts[1:2]
    return f"`{'/'.join(inner)}`"


def messages() -> list[Message]:
    return [*in_plugins(), *in_roles()]


def in_plugins() -> Iterator[Message]:
    for path in sorted((ROOT / "plugins").rglob("*.py")):
        if path == ERRORS:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for scope in ast.walk(tree):
            if isinstance(scope, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef):
                yield from in_scope(scope, str(path.relative_to(ROOT)))


def in_scope(scope: ast.AST, source: str) -> Iterator[Message]:
    """The errors made in it, but not in the functions within it."""
    names = assignments(scope)
    for node in own_nodes(scope):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        kind = getattr(node.func, "id", getattr(node.func, "attr", ""))
        kind = "ApiError" if kind == "api_error" else kind
        if kind not in KINDS:
            continue
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        advice = shown(given["advice"], names) if "advice" in given else ""
        if kind == "MissingLibrary":
            advice = f"pip install {shown(node.args[0], names)}, for the interpreter that runs the task."
        yield Message(kind, text_of(kind, node, names), tidy(advice), source, node.lineno)


def own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(scope):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
            yield from own_nodes(child)


def assignments(scope: ast.AST) -> dict[str, ast.expr]:
    return {
        target.id: node.value
        for node in own_nodes(scope)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def text_of(kind: str, call: ast.Call, names: dict[str, ast.expr]) -> str:
    if kind == "MissingLibrary":
        return tidy(f"The Python library {shown(call.args[0], names)} is missing (*error*).")
    if kind in {"ApiError", "Unauthorized", "NotFound", "Conflict"} and len(call.args) == 4:
        method, url, status, excerpt = (shown(argument, names) for argument in call.args)
        return tidy(f"{method} {url} answered {status}: {excerpt}")
    return tidy(shown(call.args[0], names))


def shown(node: ast.expr, names: dict[str, ast.expr], depth: int = 0) -> str:
    """An expression as a reader sees what it makes: literals as they are, everything else by its name."""
    if isinstance(node, ast.Constant):
        return str(node.value).replace("*", "\\*")
    if isinstance(node, ast.JoinedStr):
        return "".join(shown(part, names, depth) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return shown(node.value, names, depth + 1)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return shown(node.left, names, depth) + shown(node.right, names, depth)
    if isinstance(node, ast.IfExp):
        either = [text for text in (shown(node.body, names, depth), shown(node.orelse, names, depth)) if text]
        return " / ".join(either)
    if isinstance(node, ast.Name) and node.id in names and depth < 1:
        return shown(names[node.id], {key: value for key, value in names.items() if key != node.id}, depth)
    if is_join(node):
        return shown_join(node, names, depth)
    return f"*{name_of(node)}*"


def is_join(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join"


def shown_join(node: ast.expr, names: dict[str, ast.expr], depth: int) -> str:
    assert isinstance(node, ast.Call)
    (joined,) = node.args
    if isinstance(joined, ast.List):
        return " ".join(shown(part, names, depth) for part in joined.elts)
    if isinstance(joined, ast.GeneratorExp | ast.ListComp):
        return shown(joined.elt, names, depth + 1) + ", …"
    return f"*{name_of(joined)}*"


def name_of(node: ast.expr) -> str:
    """The last name in an expression says what it is: ``self.url`` is a url, ``len(wrong)`` the wrong ones."""
    if isinstance(node, ast.Starred):
        return name_of(node.value)
    if isinstance(node, ast.Name):
        return COMPOSED.get(node.id, node.id.strip("_"))
    if isinstance(node, ast.Attribute):
        return node.attr.strip("_")
    if isinstance(node, ast.Subscript):
        key = node.slice
        return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else name_of(node.value)
    if isinstance(node, ast.Call):
        is_plain = isinstance(node.func, ast.Name) and node.func.id in PLAIN
        return name_of(node.args[0] if node.args and is_plain else node.func)
    return next((name_of(child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)), "…")


def in_roles() -> Iterator[Message]:
    for path in sorted([*(ROOT / "roles").glob("*/tasks/*.yml"), *(ROOT / "playbooks").glob("*.yml")]):
        for task in tasks_in(yaml.safe_load(path.read_text(encoding="utf-8")) or []):
            for module, option in (("ansible.builtin.fail", "msg"), ("ansible.builtin.assert", "fail_msg")):
                if module in task and option in task[module]:
                    text = re.sub(
                        r"\{\{(.*?)\}\}", lambda found: f"*{of_template(found[1])}*", task[module][option], flags=re.S
                    )
                    yield Message(ROLES, tidy(text), "", str(path.relative_to(ROOT)), 0)


def tasks_in(tasks: Any) -> Iterator[dict[str, Any]]:
    for task in tasks if isinstance(tasks, list) else []:
        if isinstance(task, dict):
            yield task
            for inner in ("block", "rescue", "always", "tasks", "pre_tasks", "post_tasks"):
                yield from tasks_in(task.get(inner))


def of_template(expression: str) -> str:
    """The variable that an expression in braces begins with."""
    names = re.findall(r"[A-Za-z_][\w.]*", expression)
    return names[0].rpartition(".")[2].lstrip("_") if names else "…"


def tidy(text: str) -> str:
    """On one line of a table."""
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
