"""Every reason why a cluster can't be used is one clear line, at once, and none of them shows a secret."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput, Unauthorized, Unreachable
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka import client, options
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.options import ARGUMENT_SPEC, connection
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.probe import reachable_servers
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import Operation

from tests.unit.certificates import make_certificates
from tests.unit.kafka.listeners import Behaviour, listening
from tests.unit.run_operation import validated

OPERATION = Operation(ARGUMENT_SPEC, run=lambda params, context: {}, rules={"required_if": options.REQUIRED_IF})
SASL = {"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "PLAIN", "username": "loggy", "password": "right"}


def to(*addresses: str, **params: Any) -> options.Connection:
    return connection(validated(OPERATION, bootstrap_servers=list(addresses), **{"timeout": 5, **params}))


def reason(behaviour: Behaviour, **params: Any) -> str:
    """What is said of a listener that behaves so, after its address."""
    with listening(behaviour) as address, pytest.raises(Unreachable) as caught:
        reachable_servers(to(address, **params))
    protocol = params.get("security_protocol", "PLAINTEXT")
    message = str(caught.value)
    start = f"No Kafka broker can be used over {protocol}. {address}: "
    assert message.startswith(start)
    return message.removeprefix(start)


def free_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


def test_a_broker_is_usable() -> None:
    with listening(Behaviour()) as address:
        assert reachable_servers(to(address)) == [address]


def test_one_broker_that_can_be_used_is_enough() -> None:
    with listening(Behaviour()) as address:
        assert reachable_servers(to(free_address(), address)) == [address]


def test_each_broker_that_can_not_be_used_is_told_with_its_reason() -> None:
    refused = free_address()
    with listening(Behaviour(closes=True)) as closing, pytest.raises(Unreachable) as caught:
        reachable_servers(to(refused, closing, "nowhere.invalid:9092"))
    assert str(caught.value).startswith(
        f"No Kafka broker can be used over PLAINTEXT. {refused}: Connection refused; {closing}: closed the connection;"
        " security_protocol may not be the one of this listener; nowhere.invalid:9092: "
    )


def test_a_server_of_another_protocol_is_told() -> None:
    assert reason(Behaviour(says=b"HTTP/1.1 400 Bad Request\r\n\r\n")) == "answered HTTP, not Kafka's protocol."
    assert reason(Behaviour(says=b"SSH-2.0-OpenSSH_9.2\r\n")) == "answered something that is not Kafka's protocol."
    assert reason(Behaviour(says=b"\x00\x00\x00\x06\x00\x00\x00\x01\x00\x00")) == (
        "answered something that is not Kafka's protocol."
    )


def test_a_server_that_says_nothing_is_left_after_the_timeout() -> None:
    started = time.monotonic()
    assert reason(Behaviour(silent=True), timeout=0.2) == "no answer within 0.2 s."
    assert time.monotonic() - started < 5


def test_a_controllers_port_is_told() -> None:
    assert reason(Behaviour(api_keys=(17, 18, 36, 52))) == "is a controller's listener; name a broker's."


def test_sasl_on_one_side_only_is_told() -> None:
    assert reason(Behaviour(mechanisms=("PLAIN", "SCRAM-SHA-512"))) == (
        "wants SASL (PLAIN, SCRAM-SHA-512); set security_protocol to SASL_PLAINTEXT or SASL_SSL."
    )
    assert reason(Behaviour(), **SASL) == "has no SASL on this listener; set security_protocol to PLAINTEXT or SSL."


def test_a_mechanism_that_is_not_enabled_is_told_with_those_that_are() -> None:
    assert reason(Behaviour(mechanisms=("SCRAM-SHA-512",)), **SASL) == (
        "does not enable the SASL mechanism PLAIN, only SCRAM-SHA-512."
    )


def test_a_right_password_is_let_in_and_a_wrong_one_is_told_without_itself() -> None:
    with listening(Behaviour(mechanisms=("PLAIN",))) as address:
        assert reachable_servers(to(address, **SASL)) == [address]
        with pytest.raises(Unauthorized) as caught:
            reachable_servers(to(address, **{**SASL, "password": "wrong-secret"}))
    assert str(caught.value) == (
        f"Logging in as user 'loggy' at kafka://{address} answered 58: SaslAuthenticationFailed: Authentication failed:"
        " Invalid username or password. Check sasl_mechanism, username and password, and that the user exists."
    )
    assert "wrong-secret" not in str(caught.value.details)


def test_tls_on_one_side_only_is_told(tmp_path: Path) -> None:
    context = make_certificates(tmp_path).server_context()
    assert reason(Behaviour(tls=context)) in (
        "speaks TLS; set security_protocol to SSL or SASL_SSL.",
        "closed the connection; security_protocol may not be the one of this listener.",
    )
    assert "TLS failed" in reason(Behaviour(says=b"\x00\x00\x00\x06......"), security_protocol="SSL")


def test_a_certificate_nobody_trusts_is_told_and_a_ca_of_ones_own_is_trusted(tmp_path: Path) -> None:
    made = make_certificates(tmp_path)
    behaviour = Behaviour(tls=made.server_context())
    assert reason(behaviour, security_protocol="SSL") == (
        "its certificate is not trusted: unable to get local issuer certificate."
    )
    with listening(behaviour) as address:
        assert reachable_servers(to(address, security_protocol="SSL", ca_path=str(made.ca))) == [address]
        text = made.ca.read_text(encoding="utf-8")
        assert reachable_servers(to(address, security_protocol="SSL", ca_content=text)) == [address]
        assert reachable_servers(to(address, security_protocol="SSL", validate_certs=False)) == [address]


def test_a_client_certificate_is_sent(tmp_path: Path) -> None:
    made = make_certificates(tmp_path)
    with listening(Behaviour(tls=made.server_context(wants_client=True))) as address:
        own = {"security_protocol": "SSL", "ca_path": str(made.ca)}
        assert reachable_servers(to(address, **own, client_cert=str(made.pem))) == [address]
        with pytest.raises(Unreachable, match="TLS failed|closed the connection"):  # noqa: RUF043
            reachable_servers(to(address, **own))


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"bootstrap_servers": ["broker"]}, "bootstrap_servers: 'broker' is not host:port. For example broker:9092"),
        ({"bootstrap_servers": ["kafka://b:9092"]}, "bootstrap_servers: 'kafka://b:9092' is not host:port"),
        ({"bootstrap_servers": ["b:70000"]}, "bootstrap_servers: 'b:70000' is not host:port"),
        ({"bootstrap_servers": ["b:0"]}, "bootstrap_servers: 'b:0' is not host:port"),
        ({"bootstrap_servers": []}, "bootstrap_servers is empty"),
        ({"timeout": 0}, "timeout is 0; it must be more than 0 seconds"),
        ({"ca_path": "/no/such/file"}, "ca_path /no/such/file is not a file"),
    ],
)
def test_bad_input_is_refused(params: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        connection(validated(OPERATION, **{"bootstrap_servers": ["b:9092"], **params}))


def test_files_that_hold_no_certificate_are_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    with pytest.raises(InvalidInput, match=f"The TLS files {empty} could not be loaded"):
        reachable_servers(to("b:9092", security_protocol="SSL", ca_path=str(empty)))
    with pytest.raises(InvalidInput, match="The TLS files ca_content could not be loaded"):
        reachable_servers(to("b:9092", security_protocol="SSL", ca_content="no certificate"))


def test_an_address_of_ip_version_6_is_written_with_brackets() -> None:
    assert to("[::1]:9092").servers == (("::1", 9092),)
    assert to("[::1]:9092").url == "kafka://[::1]:9092"


def test_sasl_needs_a_user() -> None:
    with pytest.raises(AssertionError, match="sasl_mechanism, username, password"):
        to("b:9092", security_protocol="SASL_SSL")


def test_the_password_is_nowhere_in_the_librarys_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    monkeypatch.setattr(client, "reachable_servers", lambda to: to.addresses)
    reached = to(free_address(), **{**SASL, "password": "planted-secret", "timeout": 0.1})
    failure = pytest.raises(Unreachable, match=r"Connecting at kafka://.* failed: KafkaTimeoutError")
    with failure, client.admin_client(reached):
        pass
    assert "Starting KafkaAdminClient" in caplog.text
    assert "planted-secret" not in caplog.text + repr(reached)
