"""Bytes of the forward protocol, against msgpack and the specification's own formulas."""

from __future__ import annotations

import gzip
import hashlib
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput, UnexpectedAnswer
from ansible_collections.loggy.pipeline.plugins.module_utils.forward.protocol import (
    Credentials,
    Decoder,
    Encoder,
    Handshake,
    acknowledged,
    event_time,
)
from hypothesis import given
from hypothesis import strategies as st


def sha512(*parts: bytes) -> str:
    return hashlib.sha512(b"".join(parts)).hexdigest()


@given(st.integers(0, (2**32 - 1) * 1_000_000))
def test_event_time_is_seconds_and_nanoseconds_of_four_bytes_each(time_us: int) -> None:
    data = event_time(time_us)

    assert len(data) == 8
    assert int.from_bytes(data[:4], "big") * 1_000_000 + int.from_bytes(data[4:], "big") // 1000 == time_us


def test_entry_is_an_event_time_of_extension_type_0_and_the_record() -> None:
    time, record = msgpack.unpackb(Encoder("t").entry(1_500_000, {"a": "ü"}))

    assert time == msgpack.ExtType(0, bytes([0, 0, 0, 1, 0x1D, 0xCD, 0x65, 0x00]))
    assert record == {"a": "ü"}


@pytest.mark.parametrize("compress", [False, True])
def test_chunk_carries_its_entries_size_and_id(compress: bool) -> None:
    encoder = Encoder("logs", compress=compress)
    entries = encoder.entry(0, {"n": 1}) + encoder.entry(0, {"n": 2})

    chunk = encoder.chunk(entries, 4, 5)

    tag, packed, option = msgpack.unpackb(chunk.message)
    assert (tag, option["size"], option["chunk"]) == ("logs", 2, chunk.id)
    assert option.get("compressed") == ("gzip" if compress else None)
    assert (gzip.decompress(packed) if compress else packed) == entries
    assert (chunk.first, chunk.last) == (4, 5)


def test_every_chunk_has_an_id_of_its_own() -> None:
    encoder = Encoder("t")

    assert len({encoder.chunk(b"", 0, 0).id for _ in range(1000)}) == 1000


@given(st.lists(st.text(), min_size=1), st.integers(1, 7))
def test_answers_are_put_together_from_whatever_pieces(ids: list[str], size: int) -> None:
    data = b"".join(msgpack.packb({"ack": chunk_id}) for chunk_id in ids)
    decoder = Decoder("peer")

    answers = [answer for at in range(0, len(data), size) for answer in decoder.feed(data[at : at + size])]

    assert [acknowledged(answer) for answer in answers] == ids


def test_ack_as_binary_is_the_same_ack() -> None:
    assert acknowledged({"ack": b"abc"}) == acknowledged({"ack": "abc"}) == "abc"


@pytest.mark.parametrize("answer", [{}, {"ack": None}, ["HELO", {}]])
def test_what_is_no_ack_acknowledges_nothing(answer: Any) -> None:
    assert acknowledged(answer) is None


@pytest.mark.parametrize(
    "data", [b"HTTP/1.1 400 Bad Request\r\n", b"\xc1", b"SSH-2.0-OpenSSH", b"\x81\xc0" * 3 + b"\xc1"]
)
def test_another_protocol_is_named_with_what_it_said(data: bytes) -> None:
    with pytest.raises(UnexpectedAnswer, match=r"peer answered something that is not the forward protocol: b'"):
        Decoder("peer").feed(data)


@given(st.binary(max_size=200))
def test_whatever_bytes_come_are_answers_or_refused(data: bytes) -> None:
    try:
        answers = Decoder("peer").feed(data)
    except UnexpectedAnswer:
        return
    assert all(isinstance(answer, (dict, list)) for answer in answers)


def test_endless_answer_is_refused_and_not_kept() -> None:
    decoder = Decoder("peer")
    decoder.feed(b"\xdb\xff\xff\xff\xff")
    with pytest.raises(UnexpectedAnswer):
        for _ in range(20):
            decoder.feed(b"x" * 16 * 1024)


@pytest.mark.parametrize("nonce", [b"\xff\x00nonce", "nonce as text"])
def test_ping_proves_the_key_and_the_password_as_specified(nonce: bytes | str) -> None:
    handshake = Handshake(Credentials("me", "key", "loggy", "pass"), "peer")

    ping, hostname, salt, proof, user, login = msgpack.unpackb(
        handshake.ping(["HELO", {"nonce": nonce, "auth": b"au"}])
    )

    raw = nonce if isinstance(nonce, bytes) else nonce.encode()
    assert (ping, hostname, user) == ("PING", "me", "loggy")
    assert proof == sha512(salt.encode(), b"me", raw, b"key")
    assert login == sha512(b"au", b"loggy", b"pass")


def test_a_salt_sent_as_text_that_is_no_utf8_counts_with_its_own_bytes() -> None:
    helo = b"\x92\xa4HELO\x81\xa5nonce\xa2\xff\xfe"
    handshake = Handshake(Credentials("me", "key"), "peer")

    _, _, salt, proof, *_ = msgpack.unpackb(handshake.ping(Decoder("peer").feed(helo)[0]))

    assert proof == sha512(salt.encode(), b"me", b"\xff\xfe", b"key")


def test_no_login_goes_to_a_receiver_that_asks_for_none() -> None:
    handshake = Handshake(Credentials("me", "key", "loggy", "pass"), "peer")

    assert msgpack.unpackb(handshake.ping(["HELO", {"nonce": b"n", "auth": ""}]))[4:] == ["", ""]


def test_refusal_is_told_with_the_receivers_reason_and_without_the_key() -> None:
    handshake = Handshake(Credentials("me", "s3cret"), "peer")
    handshake.ping(["HELO", {"nonce": b"n"}])

    with pytest.raises(InvalidInput, match="peer refused the forward handshake: shared_key mismatch") as caught:
        handshake.check_pong(["PONG", False, "shared_key mismatch", "", ""])
    assert "s3cret" not in str(caught.value)


def test_a_receiver_that_does_not_know_the_key_is_not_trusted() -> None:
    handshake = Handshake(Credentials("me", "key"), "peer")
    handshake.ping(["HELO", {"nonce": b"n"}])

    with pytest.raises(InvalidInput, match="without knowing the shared key"):
        handshake.check_pong(["PONG", True, "", "other", "0" * 128])


@pytest.mark.parametrize("pong", [["PONG"], {"ack": "x"}, ["PING", True, "", "", ""]])
def test_anything_but_pong_ends_the_handshake(pong: Any) -> None:
    handshake = Handshake(Credentials("me", "key"), "peer")
    handshake.ping(["HELO", {}])

    with pytest.raises(UnexpectedAnswer, match="in place of PONG"):
        handshake.check_pong(pong)
