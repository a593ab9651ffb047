"""What is watched beside the stops, and how it explains a loss, on a pipeline in this process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.account import Account
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops import lag
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops.dead_letters import DeadLetters, reason
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops.lag import Lag
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import Unreachable
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.options import Connection
from ansible_collections.loggy.pipeline.plugins.module_utils.ranges import Ranges

from tests.unit.commute.pipeline import Pipeline, running_pipeline

TO = Connection((("fake", 9092),))


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipeline]:
    with running_pipeline(monkeypatch) as running:
        yield running


def observation(result: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in result["observations"] if one["name"] == name)
    return found


def test_seven_that_the_index_refused_are_explained_by_the_dead_letter_topic(pipeline: Pipeline) -> None:
    pipeline.refused = lambda seq: 5 <= seq <= 11

    error = pipeline.failure()

    assert error.details["verdict"] == "lost at index"
    assert error.details["advice"] == (
        "7 of them are in the dead-letter topic refused: mapper_parsing_exception; correct that, and send them again."
    )
    assert str(error).endswith(error.details["advice"])
    letters = observation(error.details, "dead letters")
    assert letters["count"] == 7
    assert letters["of_run"] == {"count": 7, "ranges": [[5, 11]]}
    assert letters["reasons"] == [{"reason": "mapper_parsing_exception", "count": 7}]
    assert letters["health"] == "topic refused has 7 of the run: 7 x mapper_parsing_exception"


def test_dead_letters_of_another_run_and_from_before_explain_nothing(pipeline: Pipeline) -> None:
    pipeline.cluster.produce("refused", b"of yesterday")
    letters, account = DeadLetters(TO, "refused", "mine"), Account(3)
    letters.start()
    pipeline.cluster.produce("refused", b'{"loggy":{"run":"other","seq":1}}')
    pipeline.cluster.produce("refused", None)
    letters.poll(account)

    assert letters.facts(account) == {"count": 2, "of_run": {"count": 0, "ranges": []}, "reasons": []}
    assert letters.explains(Ranges([(0, 3)])) == ""
    assert letters.health() == ("topic refused has got 2 records, none of this run", "")


def test_dead_letters_explain_only_the_numbers_that_they_hold(pipeline: Pipeline) -> None:
    letters, account = DeadLetters(TO, "refused", "mine"), Account(9)
    letters.start()
    pipeline.cluster.produce("refused", b'{"loggy":{"run":"mine","seq":3}}')
    letters.poll(account)

    assert letters.explains(Ranges([(4, 9)])) == ""
    assert letters.explains(Ranges([(0, 9)])).startswith("1 of them is in the dead-letter topic refused: no reason")


@pytest.mark.parametrize(
    ("message", "name", "why"),
    [
        (b"a-0@1: document_parsing_exception: [1:5] failed", b"x.Refused", "document_parsing_exception"),
        (b"Converting byte[] failed", b"org.apache.kafka.connect.errors.DataException", "DataException"),
        (b"see http://user:secret@host/\nmore", None, "see http://***@host/"),
        (b"x" * 500, None, "x" * 120),
        (None, None, "no reason given"),
        (b"\xff", b"", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_reason_is_the_same_for_all_that_are_refused_for_one_cause(
    message: bytes | None, name: bytes | None, why: str
) -> None:
    headers = {"__connect.errors.exception.message": message, "__connect.errors.exception.class.name": name}

    assert reason(headers) == why


def test_causes_without_end_take_no_memory_without_end(pipeline: Pipeline) -> None:
    letters = DeadLetters(TO, "refused", "mine")
    for number in range(60):
        letters._count(f"cause {number}")

    reasons = letters.facts(Account(0))["reasons"]
    assert len(reasons) == 51
    assert reasons[0] == {"reason": "other", "count": 10}


def test_lag_is_what_the_group_has_not_committed(pipeline: Pipeline) -> None:
    pipeline.cluster.committed["connect-sink"] = {("logs", 0): 4, ("other", 0): 9}

    result = pipeline.run(observations=[{"name": "lag", "kind": "lag", "topic": "logs", "connector": "sink"}])

    seen = observation(result, "lag")
    assert seen["last"] == seen["highest"] == 17
    assert seen["samples"][-1][1] == 17
    assert (seen["error"], seen["health"]) == (None, None)


def test_lag_of_a_group_that_never_committed_counts_from_the_first_record(pipeline: Pipeline) -> None:
    pipeline.cluster.topics["logs"].earliest = 2
    for _ in range(5):
        pipeline.cluster.produce("logs", b"x")
    watched, account = Lag(TO, "logs", "g"), Account(0)
    watched.poll(account, last=True)

    assert watched.facts(account)["last"] == 3
    assert watched.health() == (
        "group g is 3 records behind the end of topic logs",
        "Give group g time to catch up, or look why it is slow.",
    )


def test_lag_advises_when_nothing_nearer_is_known(pipeline: Pipeline) -> None:
    pipeline.sink = lambda seq: 0

    error = pipeline.failure()

    assert error.details["advice"] == "Give group connect-sink time to catch up, or look why it is slow."


def test_lag_of_a_topic_that_is_not_there_is_not_known(pipeline: Pipeline) -> None:
    watched, account = Lag(TO, "later", "g"), Account(0)
    watched.poll(account, last=True)

    assert watched.facts(account) == {"last": None, "highest": None, "samples": []}
    assert watched.health().line == "group g has committed nothing of topic later, as far as is known"


def test_long_run_keeps_a_bounded_number_of_samples(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(lag.time, "monotonic", lambda: now)
    watched, account = Lag(TO, "logs", "g"), Account(0)
    watched.start()
    for second in range(3000):
        now = float(second)
        watched.poll(account)

    samples = watched.facts(account)["samples"]
    assert 50 < len(samples) <= 120
    assert samples[0][0] == 0
    assert samples[-1][0] > 2900


def test_observation_that_can_not_be_read_is_no_verdict(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise Unreachable("No answer.")

    monkeypatch.setattr(Lag, "poll", refuse)

    result = pipeline.run()

    assert result["verdict"] == "arrived"
    assert observation(result, "lag")["error"] == "No answer"


@pytest.mark.parametrize(
    ("observations", "message"),
    [
        ([{"name": "l", "kind": "lag", "topic": "t"}], "observations: l is of kind lag and has no connector."),
        ([{"name": "d", "kind": "dead_letters"}], "observations: d is of kind dead_letters and has no topic."),
        ([{"name": "index", "kind": "dead_letters", "topic": "t"}], "stops: two have the name index."),
    ],
)
def test_bad_input_is_refused(pipeline: Pipeline, observations: Any, message: str) -> None:
    assert message in str(pipeline.failure(observations=observations))


def test_group_may_have_another_name(pipeline: Pipeline) -> None:
    pipeline.cluster.committed["mine"] = {("logs", 0): 21}
    watched = {"name": "lag", "kind": "lag", "topic": "logs", "connector": "sink", "group": "mine"}

    assert observation(pipeline.run(observations=[watched]), "lag")["last"] == 0
