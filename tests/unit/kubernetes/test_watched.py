# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a watch survives, and that nothing of it is left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import Unreachable
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes import watched
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes.client import Cluster, cluster
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes.watched import Collection, Watched

from tests.unit.fakes.api_server import ApiServer
from tests.unit.kubernetes.conftest import expect_nothing_left
from tests.unit.kubernetes.fake_objects import NAMESPACE

ALL = Collection("v1", "ConfigMap", NAMESPACE)
ONE = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}, "data": {"a": "1"}}


def seen(by: Watched, condition: Callable[[], object], seconds: float = 2.0) -> bool:
    """Whether it comes true, looking at each change as its users do."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        by.wait(end - time.monotonic())
    return bool(condition())


def value_is(by: Watched, value: str) -> bool:
    return seen(by, lambda: by.objects(ALL)["one"]["data"] == {"a": value})


def wait_for_watch(fake: ApiServer, version: str) -> None:
    fake.until(lambda: "watch=true" in fake.asked[-1] and f"resourceVersion={version}&" in fake.asked[-1])
    fake.until(lambda: fake.watches)


def _spun(condition: Callable[[], object]) -> bool:
    """The same without waiting for a change."""
    end = time.monotonic() + 2
    while not condition() and time.monotonic() < end:
        time.sleep(0.001)
    return bool(condition())


@pytest.fixture
def client(fake: ApiServer) -> Cluster:
    return cluster(fake.connection)


@pytest.fixture
def of_one(fake: ApiServer, client: Cluster) -> Iterator[Watched]:
    """It watches."""
    fake.put(ONE)
    of_one = Watched(client)
    of_one.add([ALL])
    fake.until(lambda: fake.watches)
    yield of_one
    of_one.close()
    expect_nothing_left(fake)


def test_creations_changes_and_deletions_are_followed(fake: ApiServer, of_one: Watched) -> None:
    assert of_one.objects(ALL)["one"]["data"] == {"a": "1"}
    fake.change("configmaps", "one", {"data": {"a": "2"}})
    fake.put({**ONE, "metadata": {"name": "two"}})
    assert seen(of_one, lambda: "two" in of_one.objects(ALL))
    assert of_one.objects(ALL)["one"]["data"] == {"a": "2"}
    fake.delete("configmaps", "one")
    assert seen(of_one, lambda: of_one.objects(ALL).keys() == {"two"})
    assert fake.lists("configmaps") == 1


def test_what_is_added_a_second_time_is_not_asked_for(fake: ApiServer, of_one: Watched) -> None:
    of_one.add([ALL, ALL])
    assert fake.lists("configmaps") == 1


def test_waiting_ends_with_a_change_and_without_one_at_its_time(fake: ApiServer, of_one: Watched) -> None:
    of_one.wait(0)
    start = time.monotonic()
    of_one.wait(0.1)
    assert 0.1 <= time.monotonic() - start < 0.3
    fake.change("configmaps", "one", {"data": {"a": "2"}})
    start = time.monotonic()
    of_one.wait(5)
    assert time.monotonic() - start < 0.2
    assert of_one.objects(ALL)["one"]["data"] == {"a": "2"}


def test_a_change_between_a_look_and_the_waiting_is_not_missed(fake: ApiServer, of_one: Watched) -> None:
    of_one.wait(0)
    before = of_one.objects(ALL)
    fake.change("configmaps", "one", {"data": {"a": "2"}})
    assert _spun(lambda: of_one.objects(ALL) != before)
    start = time.monotonic()
    of_one.wait(5)
    assert time.monotonic() - start < 0.2


def test_a_watch_that_ends_goes_on_from_its_last_version(fake: ApiServer, of_one: Watched) -> None:
    for number in "23":
        version = fake.change("configmaps", "one", {"data": {"a": number}})["metadata"]["resourceVersion"]
        assert value_is(of_one, number)
        fake.end_watches()
        wait_for_watch(fake, version)
    fake.delete("configmaps", "one")
    assert seen(of_one, lambda: not of_one.objects(ALL))
    assert fake.lists("configmaps") == 1


def test_a_version_that_is_too_old_is_listed_again(fake: ApiServer, of_one: Watched) -> None:
    with fake.turn:
        fake.end_watches()
        fake.put({**ONE, "metadata": {"name": "two"}})
        fake.delete("configmaps", "one")
        fake.compact()
    assert seen(of_one, lambda: of_one.objects(ALL).keys() == {"two"})
    fake.until(lambda: fake.watches)
    fake.delete("configmaps", "two")
    assert seen(of_one, lambda: not of_one.objects(ALL))
    assert fake.lists("configmaps") == 2


def test_connections_that_break_are_made_anew_however_often(fake: ApiServer, of_one: Watched) -> None:
    for number in range(2 * len(watched._PAUSES)):
        fake.until(lambda: fake.watches)
        fake.cut(fake.watches)
        fake.until(lambda: not fake.watches)
        fake.change("configmaps", "one", {"data": {"a": f"new {number}"}})
        assert value_is(of_one, f"new {number}")


def test_a_server_that_starts_anew_is_waited_for(fake: ApiServer, of_one: Watched) -> None:
    fake.unwell = 2
    fake.cut(fake.watches)
    fake.until(lambda: not fake.unwell)
    fake.delete("configmaps", "one")
    assert seen(of_one, lambda: not of_one.objects(ALL))


def test_a_server_that_ends_each_watch_at_once_is_not_asked_without_end(fake: ApiServer, of_one: Watched) -> None:
    start = time.monotonic()
    for _time in range(5):
        fake.until(lambda: fake.watches)
        fake.end_watches()
        fake.until(lambda: not fake.watches)
    assert time.monotonic() - start > 3 * watched._PAUSES[0]


def test_a_server_that_is_gone_wakes_who_waits_with_the_reason(fake: ApiServer, of_one: Watched) -> None:
    def is_gone() -> bool:
        try:
            of_one.objects(ALL)
        except Unreachable:
            return True
        return False

    fake.stop()
    assert seen(of_one, is_gone)


def test_a_line_that_is_cut_off_is_a_connection_that_broke(client: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client._http, "lines", lambda *_args, **_options: iter([b'{"type": "ADD']))
    with pytest.raises(Unreachable, match="in the middle of a line"):
        list(client.watch("v1", "ConfigMap", NAMESPACE, since="100", seconds=1))


def test_closing_ends_many_watches_at_once(fake: ApiServer, client: Cluster) -> None:
    names = [f"metadata.name={number}" for number in range(12)]
    many = Watched(client)
    many.add(Collection("v1", "ConfigMap", NAMESPACE, field_selector=name) for name in names)
    fake.until(lambda: len(fake.watches) == len(names))
    start = time.monotonic()
    many.close()
    assert time.monotonic() - start < 0.5
    expect_nothing_left(fake)
