"""The canary's settings: what is wrong is refused with a line for each, and secrets come from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.program import main
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.settings import read_settings, settings_of
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput
from ansible_collections.loggy.pipeline.plugins.module_utils.forward.options import Forward

GOOD: dict[str, Any] = {
    "state_path": "/var/lib/canary/state.json",
    "forward": {"host": "127.0.0.1"},
    "stops": [
        {"name": "topic", "kind": "topic", "topic": "logs"},
        {"name": "index", "kind": "index", "index": "logs-*"},
    ],
    "kafka": {"bootstrap_servers": ["127.0.0.1:9092"]},
    "elasticsearch": {"urls": ["http://127.0.0.1:9200"]},
}


def lines(**changes: Any) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        settings_of({**GOOD, **changes})
    return str(caught.value).splitlines()


def test_defaults_are_those_of_the_modules_options_and_it_listens_on_the_loopback_interface() -> None:
    settings = settings_of(GOOD)
    assert (settings.interval, settings.deadline, settings.listen_address) == (5.0, 60.0, "127.0.0.1")
    to = settings.sending_for("canary_1").to
    assert isinstance(to, Forward)
    assert (to.address.port, to.tag) == (24224, "output_tag")
    assert [(stop.name, stop.kind) for stop in settings.stops] == [("topic", "topic"), ("index", "index")]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"intervall": 5}, "intervall is no setting; is it interval?"),
        ({"kafka": {"bootstrap_server": []}}, "kafka.bootstrap_server is no setting; is it kafka.bootstrap_servers?"),
        ({"kafka": {}}, "kafka.bootstrap_servers is missing."),
        ({"interval": "5"}, "interval must be a float, and is str."),
        ({"listen_port": True}, "listen_port must be a int, and is bool."),
        ({"interval": 0}, "interval is 0; it must be from 0.05 to 86400 seconds."),
        ({"interval": 0.05, "deadline": 3600}, "interval is too short: more than 10000 Loggys would be on the way."),
        ({"listen_port": 70000}, "listen_port is 70000; it must be from 0 to 65535."),
        ({"forward": None}, "One of file and forward is needed."),
        ({"file": {"path": "/tmp/log"}}, "file and forward exclude one another."),
        ({"forward": {"port": 0}}, "forward.port is 0: a port is a number from 1 to 65535."),
        ({"forward": {"username": "u"}}, "forward.username needs forward.shared_key."),
        ({"stops": []}, "stops: there are 0; from 1 to 16 can be followed."),
        ({"stops": [{"name": "a", "kind": "pod"}]}, "stops[0].kind is 'pod'; it can be file, topic, index."),
        ({"stops": [{"name": "a", "kind": "file"}]}, "stops: a is of kind file and has no path."),
        ({"lag": [{"group": "g"}]}, "lag[0].topic is missing."),
        ({"kafka": None}, "stops: topic needs kafka, which is not set."),
        ({"stops": [*GOOD["stops"], GOOD["stops"][0]]}, "stops: two stops have the name topic."),
        (
            {"stops": [{"name": "sender", "kind": "file", "path": "/log"}]},
            "stops: 'sender' is no name for a stop: from 1 to 64 characters, and not sender.",
        ),
        (
            {"kafka": {**GOOD["kafka"], "security_protocol": "SASL_SSL", "sasl_mechanism": "PLAIN", "username": "u"}},
            "kafka.security_protocol SASL_SSL needs kafka.password.",
        ),
    ],
)
def test_a_wrong_setting_is_named(changes: dict[str, Any], line: str) -> None:
    assert line in lines(**changes)


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert len(lines(intervall=5, deadline="long", state_path=None)) == 3


def test_a_secret_in_the_settings_is_refused_and_not_shown() -> None:
    (line,) = lines(elasticsearch={"urls": ["http://h:9200"], "username": "u", "password": "hunter2"})
    assert line.startswith("elasticsearch.password is a secret: give")
    assert "hunter2" not in line
    (line,) = lines(elasticsearch={"urls": ["http://u:hunter2@h:9200"]})
    assert "a URL holds a user or a password" in line
    assert "hunter2" not in line


def test_secrets_come_from_a_file_or_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("from the file\n")
    monkeypatch.setenv("CANARY_KEY", "from the environment")
    for reference, secret in (
        ({"file": str(tmp_path / "key")}, "from the file"),
        ({"environment": "CANARY_KEY"}, "from the environment"),
    ):
        to = settings_of({**GOOD, "forward": {"shared_key": reference}}).sending.to
        assert isinstance(to, Forward)
        assert to.address.credentials is not None
        assert to.address.credentials.shared_key == secret


def test_a_secret_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert lines(forward={"shared_key": {"file": str(tmp_path / "none")}}) == [
        f"forward.shared_key: {tmp_path}/none could not be read: No such file or directory."
    ]
    assert lines(forward={"shared_key": {"environment": "NOBODY_SETS_THIS"}}) == [
        "forward.shared_key: environment NOBODY_SETS_THIS is not set."
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [("{", "are no JSON"), ("[]", "are no JSON object"), (None, "could not be read: No such file")],
)
def test_a_file_that_is_none_is_told(content: str | None, said: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "settings.json").write_text(content)
    with pytest.raises(InvalidInput, match=said):
        read_settings(tmp_path / "settings.json")


def test_the_program_refuses_bad_settings_with_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({**GOOD, "interval": 0}))
    assert main(["--settings", str(path)]) == 2
    assert capsys.readouterr().err == "interval is 0; it must be from 0.05 to 86400 seconds.\n"
    path.write_text(json.dumps(GOOD))
    assert main(["--settings", str(path), "--check"]) == 0
