"""The page of messages: nothing that the collection raises is missing, and a message that is seen is found on it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils import errors
from ansible_collections.loggy.pipeline.plugins.module_utils.artifacts.declaration import Checksum, Coordinate
from ansible_collections.loggy.pipeline.plugins.module_utils.wait import wait_until

from tests.tooling import messages

# Whose words all come from elsewhere: a library's error, or lines that were put together before.
SPEAKS_FOR_ANOTHER = {
    ("canary/settings", 2),
    ("cluster_logging/apply", 1),
    ("commute/loggy_commute", 1),
    ("commute/stops/lag", 1),
    ("fluentd/apply", 2),
    ("fluentd/rollout", 1),
    ("kafka/probe", 1),
    ("kubernetes/credentials", 1),
    ("kubernetes/objects_absent", 1),
    ("local/preflight", 1),
}


def test_every_kind_of_error_is_explained() -> None:
    kinds = {
        name for name, value in vars(errors).items() if isinstance(value, type) and value.__module__ == errors.__name__
    }
    assert kinds - messages.KINDS.keys() == set()


def test_no_error_is_left_out() -> None:
    listed = {(one.source, one.line) for one in messages.in_plugins()}
    raised = set()
    for path in (messages.ROOT / "plugins").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            made = node.exc if isinstance(node, ast.Raise) else None
            if isinstance(made, ast.Call) and ast.unparse(made.func).split(".")[-1] in {*messages.KINDS, "api_error"}:
                raised.add((str(path.relative_to(messages.ROOT)), made.lineno))
    assert len(raised) > 150
    assert raised - listed == set()


def test_each_says_something_in_words_of_its_own() -> None:
    without: dict[str, int] = {}
    for one in messages.in_plugins():
        if not one.has_words:
            source = messages.shown_source(one).strip("`")
            without[source] = without.get(source, 0) + 1
    assert set(without.items()) == SPEAKS_FOR_ANOTHER


@pytest.mark.parametrize(
    "fail",
    [
        lambda: Checksum.parse("md5:1"),
        lambda: Coordinate.parse("org.apache.kafka"),
        lambda: wait_until(lambda: (None, "STARTING"), what="the worker", timeout=0, advice="Look at its log."),
    ],
)
def test_a_message_that_is_seen_is_found(fail: Callable[[], object]) -> None:
    with pytest.raises(errors.PipelineError) as raised:
        fail()
    kind = type(raised.value).__name__
    found = [
        one
        for one in messages.in_plugins()
        if one.has_words and one.kind == kind and fits(one.text, raised.value.message)
    ]
    assert len(found) == 1, raised.value.message


def fits(text: str, said: str) -> bool:
    parts = [re.escape(part) for part in re.split(r"\*[^*]+\*", text)]
    return re.fullmatch(".*".join(parts), said) is not None
