# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The events of the benches: JSON objects of 200 bytes, and the same as msgpack entries, encoded once."""

from __future__ import annotations

import gzip
import json
import os
import random
import struct
import time
from functools import cache

import msgpack

SIZE = 200
# So many are made and then sent again and again: making a million would take longer than sending them.
DISTINCT = 50_000
CHUNK = 5_000
EVENTS = max(1, int(os.environ.get("LOGGY_BENCH_EVENTS", "1000000")) // CHUNK) * CHUNK
# What it takes until a JVM's compilers are done: before, what is measured is mostly them.
WARM_UP = 2 * EVENTS
WORDS = (
    "cart",
    "order",
    "payment",
    "user",
    "session",
    "cache",
    "query",
    "request",
    "retry",
    "timeout",
    "shipped",
    "paid",
)


@cache
def documents() -> list[bytes]:
    """What arrives in the topic."""
    return [json.dumps(event, separators=(",", ":")).encode() for event in _events()]


@cache
def chunks(*, compressed: bool) -> list[bytes]:
    """The entries of packed forward mode, ``CHUNK`` events in each."""
    entries = [msgpack.packb([_event_time(), event]) for event in _events()]
    packed = [b"".join(entries[at : at + CHUNK]) for at in range(0, DISTINCT, CHUNK)]
    return [gzip.compress(each, compresslevel=6) for each in packed] if compressed else packed


@cache
def _events() -> list[dict[str, object]]:
    chance = random.Random(1)
    return [_event(number, chance) for number in range(DISTINCT)]


def _event(number: int, chance: random.Random) -> dict[str, object]:
    host = f"web-{chance.randrange(20):02}.example.com"
    event = {"message": "", "host": host, "level": chance.choice(["info", "info", "info", "warn"]), "number": number}
    room = SIZE - len(json.dumps(event, separators=(",", ":")))
    words = " ".join(chance.choices(WORDS, k=room // 4))
    return {**event, "message": words[:room].ljust(room, ".")}


def _event_time() -> msgpack.ExtType:
    now = time.time_ns()
    return msgpack.ExtType(0, struct.pack(">II", now // 10**9, now % 10**9))
