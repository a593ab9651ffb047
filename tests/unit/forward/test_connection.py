"""Connections to a receiver in this process: keys, users, TLS, and what else may listen on a port."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import (
    InvalidInput,
    PipelineError,
    UnexpectedAnswer,
    Unreachable,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.forward.connection import Address, Connection, Tls
from ansible_collections.loggy.pipeline.plugins.module_utils.forward.protocol import (
    Credentials,
    Encoder,
    acknowledged,
)

from tests.unit.fakes.forward import forward_server


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Certificate and key of a receiver named localhost, which is its own authority."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    subprocess.run(
        ["openssl", *request.split(), "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert],
        check=True,
        capture_output=True,
    )
    return str(cert), str(key)


def server_context(certificate: tuple[str, str], *, clients: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    if clients:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(certificate[0])
    return context


def exchange(address: Address) -> None:
    """One chunk there and its ack back."""
    encoder = Encoder("t")
    chunk = encoder.chunk(encoder.entry(0, {}), 0, 0)
    connection = Connection(address)
    try:
        connection.write(chunk.message, 5)
        assert acknowledged(connection.read(5)) == chunk.id
    finally:
        connection.close()


def refusal(address: Address) -> str:
    with pytest.raises(PipelineError) as caught:
        exchange(address)
    return str(caught.value)


def test_right_user_is_let_in() -> None:
    with forward_server(shared_key="k", users={"loggy": "pass"}) as server:
        exchange(Address("127.0.0.1", server.port, credentials=Credentials("me", "k", "loggy", "pass")))


@pytest.mark.parametrize(
    ("credentials", "reason"),
    [
        (Credentials("me", "wrong", "loggy", "pass"), "shared_key mismatch"),
        (Credentials("me", "k", "loggy", "wrong"), "username/password mismatch"),
        (Credentials("me", "k"), "username/password mismatch"),
    ],
)
def test_wrong_key_or_password_is_told_with_the_receivers_reason(credentials: Credentials, reason: str) -> None:
    with forward_server(shared_key="k", users={"loggy": "pass"}) as server:
        message = refusal(Address("127.0.0.1", server.port, credentials=credentials))
    assert message.startswith(f"127.0.0.1:{server.port} refused the forward handshake: {reason}.")
    assert "Check forward.shared_key" in message


def test_receiver_that_asks_for_a_key_is_told_from_one_that_is_silent() -> None:
    with forward_server(shared_key="k") as server:
        assert "asks for a shared key. Set forward.shared_key" in refusal(Address("127.0.0.1", server.port))


def test_key_for_a_receiver_that_has_none_is_named() -> None:
    with forward_server() as server:
        message = refusal(Address("127.0.0.1", server.port, timeout=0.1, credentials=Credentials("me", "k")))
    assert "sent no HELO within 0.1 s. It may have no shared key configured" in message


def test_receiver_that_does_not_know_the_key_gets_no_chunk() -> None:
    with forward_server(shared_key="k", knows_key=False) as server:
        message = refusal(Address("127.0.0.1", server.port, credentials=Credentials("me", "k")))
        assert server.chunks == []
    assert "without knowing the shared key" in message


def test_http_server_on_the_port_is_recognised() -> None:
    with (
        forward_server(says=b"HTTP/1.1 400 Bad Request\r\n\r\n") as server,
        pytest.raises(UnexpectedAnswer, match=r"not the forward protocol: b'HTTP/1\.1 400 Bad Request"),
    ):
        exchange(Address("127.0.0.1", server.port))


def test_verified_certificate_is_accepted(certificate: tuple[str, str]) -> None:
    with forward_server(tls=server_context(certificate), shared_key="k") as server:
        exchange(Address("localhost", server.port, credentials=Credentials("me", "k"), tls=Tls(certificate[0])))


def test_unknown_authority_is_refused_at_once(certificate: tuple[str, str]) -> None:
    with forward_server(tls=server_context(certificate)) as server, pytest.raises(Unreachable) as caught:
        exchange(Address("localhost", server.port, tls=Tls()))
    assert f"The certificate of localhost:{server.port} was not accepted: self-signed certificate" in str(caught.value)


def test_certificate_for_another_name_is_refused_unless_that_name_is_given(certificate: tuple[str, str]) -> None:
    with forward_server(tls=server_context(certificate)) as server:
        assert "IP address mismatch" in refusal(Address("127.0.0.1", server.port, tls=Tls(certificate[0])))
        exchange(Address("127.0.0.1", server.port, tls=Tls(certificate[0], hostname="localhost")))


def test_verification_can_be_turned_off(certificate: tuple[str, str]) -> None:
    with forward_server(tls=server_context(certificate)) as server:
        exchange(Address("127.0.0.1", server.port, tls=Tls(validate_certs=False)))


def test_client_certificate_is_shown(certificate: tuple[str, str]) -> None:
    with forward_server(tls=server_context(certificate, clients=True)) as server:
        exchange(Address("localhost", server.port, tls=Tls(*certificate[:1], *certificate)))


def test_tls_to_a_plain_port_is_named() -> None:
    with forward_server(says=b"no TLS here" * 10) as server:
        assert "does not speak TLS as asked for" in refusal(Address("127.0.0.1", server.port, tls=Tls()))


def test_receiver_that_closes_while_tls_begins_may_be_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = Address("127.0.0.1", listener.getsockname()[1], tls=Tls())

        def close_the_first() -> None:
            peer, _ = listener.accept()
            peer.recv(1)
            peer.shutdown(socket.SHUT_WR)
            peer.recv(4096)
            peer.close()

        closing = threading.Thread(target=close_the_first)
        closing.start()
        with pytest.raises(OSError, match="EOF occurred"):
            Connection(address)
        closing.join()


def test_of_several_hosts_the_one_that_takes_a_connection_gets_it() -> None:
    with forward_server() as server:
        exchange(Address("127.0.0.2", server.port, others=("no.such.host.invalid", "127.0.0.1", "127.0.0.3")))
        assert server.connections == 1
        exchange(Address("127.0.0.1", server.port, others=("127.0.0.2",)))


def test_of_several_hosts_the_certificate_is_that_of_the_one_that_is_connected_to(certificate: tuple[str, str]) -> None:
    with forward_server(tls=server_context(certificate)) as server:
        exchange(Address("127.0.0.2", server.port, tls=Tls(certificate[0]), others=("localhost",)))


def test_several_hosts_that_take_no_connection_are_an_error_and_all_are_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = Address("127.0.0.2", listener.getsockname()[1], others=("127.0.0.3",))
    with pytest.raises(ConnectionRefusedError):
        Connection(address)
    assert str(address) == f"127.0.0.2:{address.port}, 127.0.0.3:{address.port}"


def test_unreadable_tls_file_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "ca.pem"
    broken.write_text("nothing")
    with pytest.raises(InvalidInput, match=rf"Could not read the TLS files {broken}: .* They must be readable and PEM"):
        Tls(str(broken)).context()


def test_silence_is_no_answer_and_a_closed_connection_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connection = Connection(Address("127.0.0.1", listener.getsockname()[1]))
        peer, _ = listener.accept()
        assert connection.read(0) is None
        assert connection.read(0.01) is None
        peer.close()
        with pytest.raises(ConnectionResetError, match="the receiver closed the connection"):
            connection.read(5)
        connection.close()
