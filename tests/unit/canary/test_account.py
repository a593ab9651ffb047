"""The account without end, against a model that keeps everything for ever and counts it anew each time."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

from ansible_collections.loggy.pipeline.plugins.module_utils.canary import account as account_file
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.account import SENDER, Account
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.way import Sighting
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.coordinates import Coordinate
from ansible_collections.loggy.pipeline.plugins.module_utils.ranges import Ranges
from hypothesis import given
from hypothesis import strategies as st
from pytest import MonkeyPatch

STOPS = {"aggregator": "file", "topic": "topic", "index": "index"}
DEADLINE = 10
SECOND = 1_000_000


def new_account() -> Account:
    return Account("canary_1", STOPS, DEADLINE)


@dataclass
class Model:
    """Everything that ever happened; ``arrived`` and the like are counted from it."""

    sent: dict[int, int] = field(default_factory=dict)
    seen: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: {place: [] for place in (SENDER, *STOPS)})
    judged: dict[int, tuple[int, str | None, set[str]]] = field(default_factory=dict)

    def places_of(self, number: int) -> set[str]:
        return {place for place, sightings in self.seen.items() if number in {one for one, _at in sightings}}

    def judge(self, now: int) -> None:
        for number, at in self.sent.items():
            there = self.places_of(number)
            if number in self.judged:
                continue
            if set(STOPS) <= there:
                self.judged[number] = (now, None, set())
            elif at + DEADLINE * SECOND <= now:
                lacking = [place for place in (SENDER, *STOPS) if place not in there]
                lacking = [place for place in lacking if place != SENDER or not there]
                self.judged[number] = (now, lacking[0], set(lacking))

    def seen_of(self, place: str) -> set[int]:
        return {number for number, _at in self.seen[place] if number in self.sent}

    def copies(self, place: str) -> int:
        times = Counter(number for number, _at in self.seen[place] if number in self.sent)
        return sum(count - 1 for count in times.values())

    def unexpected(self, place: str) -> int:
        return sum(number not in self.sent for number, _at in self.seen[place])

    def missing(self, place: str) -> set[int]:
        overdue = {number for number, (_now, _stop, lacking) in self.judged.items() if place in lacking}
        return overdue - self.seen_of(place)

    def late(self, place: str) -> int:
        overdue = {number for number, (_now, _stop, lacking) in self.judged.items() if place in lacking}
        return len(overdue & self.seen_of(place))


# What happens next: a Loggy is sent; one, told by how far back he was sent, is acknowledged or seen at a stop; time
# passes; the canary starts again.
STEPS = st.lists(
    st.one_of(
        st.just(("send",)),
        st.tuples(st.just("see"), st.sampled_from((SENDER, *STOPS)), st.integers(-2, 8)),
        st.tuples(st.just("wait"), st.integers(1, 25)),
        st.just(("restart",)),
    ),
    max_size=60,
)


def play(steps: list[tuple[object, ...]], *, restarts: bool = True) -> tuple[Account, Model]:
    account, model, now = new_account(), Model(), 1_000 * SECOND
    for step in steps:
        now += 1
        match step:
            case ("send",):
                model.sent[account.take(now).number] = now
            case ("see", str(place), int(back)):
                number = account.sent - back if back >= 0 else 1_000_000
                if place == SENDER and (number in model.seen_of(SENDER) or number not in model.sent):
                    continue  # the sender himself acknowledges each of his own once
                if place == SENDER:
                    account.acknowledge(number, now)
                else:
                    account.see(place, [Sighting(number, now)])
                model.seen[place].append((number, now))
            case ("wait", int(seconds)):
                now += seconds * SECOND
            case ("restart",) if restarts:
                account = restarted(account)
        for stop in STOPS:
            account.read(stop, now)
        model.judge(now)
        account.judge(now)
    return account, model


def restarted(account: Account) -> Account:
    again = Account("another run", STOPS, DEADLINE)
    again.restore(json.loads(json.dumps(account.to_json())))
    return again


@given(STEPS)
def test_the_account_agrees_with_a_model_that_forgets_nothing(steps: list[tuple[object, ...]]) -> None:
    account, model = play(steps)

    lost = [stop for _now, stop, _lacking in model.judged.values() if stop]
    assert account.sent == len(model.sent)
    assert account.arrived == len(model.judged) - len(lost)
    assert len(account.on_the_way) == len(model.sent) - len(model.judged)
    for place, tally in account.tallies.items():
        assert tally.lost == lost.count(place), place
        assert tally.missing == Ranges((number, number) for number in model.missing(place)), place
        assert tally.late == model.late(place), place
        assert tally.unexpected == model.unexpected(place), place
        if place != SENDER:
            assert tally.seen == len(model.seen_of(place)), place
            assert tally.duplicates == model.copies(place), place


@given(STEPS)
def test_every_loggy_that_was_sent_has_arrived_or_is_lost_or_is_on_the_way(steps: list[tuple[object, ...]]) -> None:
    account, _model = play(steps)
    assert account.sent == account.arrived + account.lost + len(account.on_the_way)


@given(STEPS)
def test_a_restart_anywhere_changes_no_figure(steps: list[tuple[object, ...]]) -> None:
    account, _model = play(steps)
    without, _model = play(steps, restarts=False)
    assert account.to_json() == without.to_json()


@given(STEPS)
def test_each_latency_is_in_the_histogram_once(steps: list[tuple[object, ...]]) -> None:
    account, _model = play(steps)
    assert all(sum(tally.buckets) == tally.seen for tally in account.tallies.values())


def sent_at(account: Account, *seconds: int) -> None:
    for at in seconds:
        account.take(at * SECOND)


def arrive(account: Account, number: int, at: int) -> None:
    for stop in STOPS:
        account.see(stop, [Sighting(number, at * SECOND)])


def test_a_loggy_is_not_called_lost_at_a_stop_that_could_not_be_read_since_his_deadline() -> None:
    account = new_account()
    sent_at(account, 0)
    for stop in ("aggregator", "topic"):
        account.see(stop, [Sighting(1, SECOND)])
    account.read("index", 9 * SECOND)
    account.fail("index", 9 * SECOND, "refused")
    account.judge(100 * SECOND)
    assert (account.lost, len(account.on_the_way)) == (0, 1)

    account.read("index", 101 * SECOND)
    account.judge(102 * SECOND)
    assert account.tallies["index"].lost == 1
    assert account.losses[0].last_seen == "topic"


def test_a_lost_one_that_comes_afterwards_is_said_to_have_come_late() -> None:
    account = new_account()
    sent_at(account, 0)
    for stop in STOPS:
        account.read(stop, 20 * SECOND)
    account.see("aggregator", [Sighting(1, SECOND)])
    account.judge(20 * SECOND)
    account.see("topic", [Sighting(1, 31 * SECOND)])
    assert account.losses[0].verdict == "lost at topic"
    account.see("index", [Sighting(1, 32 * SECOND)])
    assert (account.losses[0].verdict, account.losses[0].came_us) == ("late at topic", 32 * SECOND)
    assert account.verdicts[-1] == {"number": 1, "sent_us": 0, "verdict": "late at topic", "seconds": 32.0}
    assert account.news[-1] == "Loggy 1, lost at topic, came late: after 32.0 s"


def test_one_that_went_around_the_topic_did_not_come_through_kafka() -> None:
    account = new_account()
    sent_at(account, 0)
    for stop in STOPS:
        account.read(stop, 20 * SECOND)
    account.see("index", [Sighting(1, SECOND)])
    account.see("aggregator", [Sighting(1, SECOND)])
    account.judge(20 * SECOND)
    assert account.losses[0].verdict == "not through Kafka"


def test_a_document_that_names_another_ones_record_is_unproven_and_one_that_names_a_copy_is_not() -> None:
    account = new_account()
    sent_at(account, 0, 0)
    first, copy, foreign = (Coordinate("logs", 0, offset, 5) for offset in (7, 8, 9))
    for number in (1, 2):
        account.see("aggregator", [Sighting(number, SECOND)])
    account.see(
        "topic", [Sighting(1, SECOND, "0", first), Sighting(1, SECOND, "0", copy), Sighting(2, SECOND, "0", foreign)]
    )
    account.find("index", [Sighting(1, SECOND, None, copy), Sighting(2, SECOND, None, first)])
    account.judge(20 * SECOND)
    assert account.way == {}
    assert account.tallies["index"].unproven == 1
    assert [(one["number"], one["verdict"]) for one in account.verdicts][-1] == (2, "not through Kafka")


def test_documents_that_are_found_at_every_look_are_counted_once_and_copies_of_them_as_copies() -> None:
    account = new_account()
    sent_at(account, 0, 0)
    for _look in range(3):
        account.find("index", [Sighting(1, SECOND), Sighting(2, SECOND)])
    for _look in range(3):
        account.find("index", [Sighting(1, SECOND), Sighting(1, SECOND), Sighting(2, SECOND), Sighting(99, SECOND)])
    tally = account.tallies["index"]
    assert (tally.seen, tally.duplicates, tally.unexpected) == (2, 1, 1)


def test_order_is_that_within_what_the_stop_keeps_in_order() -> None:
    account = new_account()
    sent_at(account, *[0] * 6)
    lanes = [(2, "p0"), (1, "p1"), (4, "p0"), (3, "p0"), (6, "p1"), (5, "p1")]
    account.see("topic", [Sighting(number, SECOND, lane) for number, lane in lanes])
    assert account.tallies["topic"].out_of_order == 2


def test_an_outage_is_told_with_its_beginning_and_its_end() -> None:
    account = new_account()
    account.read("topic", SECOND)
    account.fail("topic", 5 * SECOND, "refused")
    account.fail("topic", 6 * SECOND, "no answer")
    assert account.error("topic") == "no answer"
    account.read("topic", 25 * SECOND)
    (outage,) = account.outages
    assert (outage.from_us, outage.to_us, account.error("topic")) == (5 * SECOND, 25 * SECOND, "")
    assert list(account.news) == ["topic: refused", "topic is back after 20 s"]


def test_those_on_the_way_are_not_waited_for_at_a_stop_that_is_new_since_the_last_life() -> None:
    account = Account("run", {"topic": "topic"}, DEADLINE)
    sent_at(account, 0)
    again = new_account()
    again.restore(account.to_json())
    again.see("topic", [Sighting(1, SECOND)])
    again.see("index", [Sighting(1, SECOND)])
    assert (again.arrived, again.tallies["index"].duplicates) == (1, 0)


def test_a_stop_that_is_away_for_ever_does_not_make_the_account_grow(monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(account_file, "MOST_ON_THE_WAY", 50)
    account = new_account()
    for number in range(1, 1001):
        account.take(number * SECOND)
        account.see("aggregator", [Sighting(number, number * SECOND)])
        account.see("topic", [Sighting(number, number * SECOND)])
        account.judge(number * SECOND)
    assert len(account.way) == 50
    assert account.tallies["index"].lost == 950
    assert account.tallies["index"].missing == Ranges([(1, 950)])


def test_losses_that_are_scattered_are_forgotten_from_the_oldest_on_and_never_called_copies() -> None:
    account = new_account()
    for number in range(1, 4001):
        account.take(number * 30 * SECOND)
        if number % 2:
            arrive(account, number, number * 30)
        for stop in STOPS:
            account.read(stop, (number * 30 + 29) * SECOND)
        account.judge((number * 30 + 29) * SECOND)
    assert sum(1 for _range in account.tallies["index"].missing) == 1000
    account.see("topic", [Sighting(2, SECOND)])
    account.see("topic", [Sighting(4000, SECOND)])
    assert account.tallies["topic"].unexpected == 1
    assert account.tallies["topic"].late == 1
    assert account.tallies["topic"].duplicates == 0
