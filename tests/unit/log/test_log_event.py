"""The operation of ``log_event``: what each destination holds afterwards, and what the task returns."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput, PipelineError, Unreachable
from ansible_collections.loggy.pipeline.plugins.module_utils.log.log_event import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import Context

from tests.unit.fakes.forward import forward_server


def run(check_mode: bool = False, **options: Any) -> dict[str, Any]:
    validation = ArgumentSpecValidator(dict(OPERATION.argument_spec), **OPERATION.rules).validate(options)
    assert not validation.error_messages
    return OPERATION.run(validation.validated_parameters, Context(check_mode=check_mode))


def refusal(**options: Any) -> str:
    validation = ArgumentSpecValidator(dict(OPERATION.argument_spec), **OPERATION.rules).validate(options)
    if validation.error_messages:
        return "; ".join(validation.error_messages)
    with pytest.raises(PipelineError) as caught:
        OPERATION.run(validation.validated_parameters, Context())
    return str(caught.value)


def test_loggy_alone_is_returned_and_changes_nothing() -> None:
    result = run()

    (line,) = map(json.loads, result["lines"])
    assert line["message"] == "( Loggy ) :D"
    assert line["loggy"]["seq"] == 0
    assert line["loggy"]["run"] == result["run"]
    assert re.fullmatch("[0-9a-f]{32}", result["run"])
    assert (result["changed"], result["destination"]) == (False, "result")
    assert result["sent"] == result["acknowledged"] == result["planned"] == {"count": 1, "ranges": [[0, 0]]}


@pytest.mark.parametrize(("kind", "expected"), [("loggy", [[0, 0]]), ("neighbours", [[1, 5]]), ("both", [[0, 5]])])
def test_kind_says_which_numbers_are_sent(kind: str, expected: list[list[int]]) -> None:
    result = run(kind=kind, count=5)

    assert result["sent"]["ranges"] == expected
    seqs = [json.loads(line)["loggy"]["seq"] for line in result["lines"]]
    assert seqs == list(range(expected[0][0], expected[0][1] + 1))


def test_neighbours_may_begin_where_another_sender_s_end() -> None:
    result = run(kind="neighbours", first=501, count=3)

    assert result["planned"] == result["sent"] == {"count": 3, "ranges": [[501, 503]]}
    assert '"seq":501,' in result["lines"][0]


def test_two_runs_have_two_run_ids() -> None:
    assert run()["run"] != run()["run"]


def test_file_gets_its_folders_and_is_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folders" / "app.log"

    first = run(kind="both", count=3, file={"path": str(path)})
    second = run(kind="loggy", file={"path": str(path), "fsync": True}, producer="other")

    lines = [json.loads(line)["loggy"] for line in path.read_text().splitlines()]
    assert [(line["run"], line["seq"]) for line in lines] == [(first["run"], n) for n in range(4)] + [
        (second["run"], 0)
    ]
    assert lines[-1]["producer"] == "other"
    assert first["changed"] is True
    assert first["destination"] == f"file {path}"
    assert first["first_time"] == lines[0]["sent"]
    assert first["last_time"] == lines[3]["sent"]


def test_fsync_is_asked_of_the_file_only_when_wanted() -> None:
    # A device takes every line and no fsync.
    assert run(file={"path": "/dev/null"})["acknowledged"]["count"] == 1
    with pytest.raises(InvalidInput, match="Could not append to /dev/null: Invalid argument"):
        run(file={"path": "/dev/null", "fsync": True})


def test_file_does_not_become_executable(tmp_path: Path) -> None:
    run(file={"path": str(tmp_path / "app.log")})

    assert stat.S_IMODE((tmp_path / "app.log").stat().st_mode) & 0o133 == 0


def test_check_mode_sends_nothing_and_says_what_it_would(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "app.log"

    result = run(check_mode=True, kind="both", count=9, file={"path": str(path)})

    assert list(tmp_path.iterdir()) == []
    assert result["changed"] is True
    assert result["planned"] == {"count": 10, "ranges": [[0, 9]]}
    assert result["sent"]["count"] == result["acknowledged"]["count"] == 0
    assert result["first_time"] is None


@pytest.mark.parametrize("compress", [False, True])
def test_forward_carries_every_event_with_its_own_time(compress: bool) -> None:
    with forward_server() as server:
        to = {"port": server.port, "tag": "app.x", "chunk_events": 10, "compress": compress}
        result = run(kind="both", count=24, run="r_1", forward=to)

        assert [len(entries) for _, _, entries, _ in server.chunks] == [10, 10, 5]
        assert {tag for _, tag, _, _ in server.chunks} == {"app.x"}
        assert [record["loggy"]["seq"] for record in server.records()] == list(range(25))
    times = [time for _, _, entries, _ in server.chunks for time, _ in entries]
    assert all(isinstance(time, msgpack.ExtType) and time.code == 0 and len(time.data) == 8 for time in times)
    assert result["acknowledged"] == {"count": 25, "ranges": [[0, 24]]}
    assert (result["run"], result["chunks"], result["resent"]) == ("r_1", 3, 0)
    assert result["destination"] == f"forward 127.0.0.1:{server.port} tag app.x"


def test_chunk_of_a_broken_connection_comes_again_under_its_id() -> None:
    with forward_server(close_on=lambda number: number == 1) as server:
        result = run(kind="neighbours", count=30, forward={"port": server.port, "chunk_events": 10, "in_flight": 1})

        ids = [chunk_id for chunk_id, *_ in server.chunks]
    assert len(ids) == 4
    assert ids[1] == ids[2]
    assert result["resent"] == 1
    assert result["acknowledged"] == {"count": 30, "ranges": [[1, 30]]}


def test_what_was_acknowledged_is_known_when_the_run_fails() -> None:
    with forward_server(keep_ack=lambda number: number == 1) as server, pytest.raises(PipelineError) as caught:
        run(kind="neighbours", count=30, forward={"port": server.port, "chunk_events": 10, "deadline": 0.3})

    assert "1 of 3 chunks" in str(caught.value)
    assert caught.value.details["sent"] == {"count": 30, "ranges": [[1, 30]]}
    assert caught.value.details["acknowledged"] == {"count": 20, "ranges": [[1, 10], [21, 30]]}
    assert caught.value.details["run"]


def test_port_without_listener_is_refused_before_an_event_is_made() -> None:
    with forward_server() as server:
        pass
    with pytest.raises(Unreachable) as caught:
        run(forward={"port": server.port})
    assert f"forward port 127.0.0.1:{server.port}: Connection refused. Check host and port" in str(caught.value)
    assert caught.value.details["sent"]["count"] == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"run": "Not-Legal"},
            "run is 'Not-Legal': a run id has 1 to 64 characters out of 0-9, a-z and _. Leave run out",
        ),
        ({"kind": "both", "count": 0}, "count is 0: at least one neighbour is needed."),
        ({"kind": "neighbours", "count": -1}, "count is -1: at least one neighbour"),
        ({"kind": "neighbours", "first": 0}, "first is 0: the first neighbour has number 1."),
        ({"kind": "both", "first": 5}, "first is 5: only kind neighbours begins anywhere else than at 1."),
        ({"kind": "both", "count": 1000}, "1001 lines are too many for a task's result, which takes 1000. Set file or"),
        ({"kind": "some"}, "value of kind must be one of: loggy, neighbours, both, got: some"),
        ({"rate": -1}, "rate is -1.0: events per second, 0 for as fast as it goes."),
        ({"rate": "inf"}, "rate is inf"),
        ({"rate": "nan"}, "rate is nan"),
        ({"producer": "x" * 256}, "producer has 256 characters; 255 is the most."),
        ({"file": {"path": "/"}}, "file.path / is a folder. Name a file in it."),
        ({"file": {"path": "/proc/none/x"}}, "Could not open /proc/none/x to append to it: No such file"),
        ({"file": {"path": "/dev/full"}}, "Could not append to /dev/full: No space left on device."),
        ({"file": {"path": "/x"}, "forward": {}}, "parameters are mutually exclusive: file|forward"),
        ({"forward": {"port": 0}}, "forward.port is 0: a port is a number from 1 to 65535."),
        ({"forward": {"tag": ""}}, "forward.tag is empty: every event of the forward protocol has a tag."),
        ({"forward": {"chunk_events": 0}}, "forward.chunk_events is 0: it must be greater than 0."),
        ({"forward": {"deadline": 0}}, "forward.deadline is 0.0: it must be greater than 0."),
        ({"forward": {"ca_path": "/x"}}, "forward.ca_path is set and forward.tls is not. Set forward.tls to true."),
        ({"forward": {"tls": True, "ca_path": "/none"}}, "Could not read the TLS files /none: "),
        ({"forward": {"username": "u"}}, "parameters are required together: username, password found in forward"),
        (
            {"forward": {"host": "no.such.host.invalid"}},
            "Could not connect to the forward port no.such.host.invalid:24224",
        ),
    ],
)
def test_bad_input_is_refused(options: dict[str, Any], message: str) -> None:
    assert message in refusal(**options)


def test_secrets_do_not_appear_in_a_refusal() -> None:
    with forward_server(shared_key="right", users={"loggy": "right"}) as server:
        to = {"port": server.port, "shared_key": "s3cret", "username": "loggy", "password": "pl4in"}
        with pytest.raises(InvalidInput) as caught:
            run(forward=to)

    shown = f"{caught.value} {caught.value.details}"
    assert "shared_key mismatch" in shown
    assert "s3cret" not in shown
    assert "pl4in" not in shown
