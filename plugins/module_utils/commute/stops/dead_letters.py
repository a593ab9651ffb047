# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sink's dead-letter topic: which numbers of the run are in it, and why (the headers of KIP-298)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from ...kafka.options import Connection
from ...log.send import counted
from ...ranges import Ranges
from ...redact import redact_text
from ..account import Account
from ..recognise import Recogniser
from .stop import Health, now_us
from .tail import Opened, Tail, open_unchecked

_MESSAGE = "__connect.errors.exception.message"
_CLASS = "__connect.errors.exception.class.name"
# Elasticsearch's own name of an error, which Connect's header quotes: mapper_parsing_exception.
_ELASTICSEARCH_ERROR = re.compile(r"\b[a-z]+(?:_[a-z]+)*_exception\b")
_LONGEST_REASON = 120
_MOST_REASONS = 50


class DeadLetters:
    ordered = False

    def __init__(
        self,
        to: Connection,
        topic: str,
        run: str,
        since_ms: int | None = None,
        open_reader: Callable[[Connection, str], Opened] = open_unchecked,
    ) -> None:
        self._topic = topic
        self._look = Recogniser(run).look
        self._tail = Tail(to, topic, since_ms, open_reader)
        self._reasons: Counter[str] = Counter()
        self._numbers = Ranges()

    def start(self) -> None:
        self._tail.start()

    def poll(self, account: Account, *, last: bool = False) -> None:
        for batch in self._tail.batches():
            now = now_us()
            for record in batch:
                sighting = self._look(record.value) if record.value is not None else None
                if sighting is None:
                    continue
                account.see(sighting.seq, now)
                self._numbers.add(sighting.seq)
                self._count(reason(dict(record.headers or ())))

    def health(self) -> Health:
        if not self._numbers:
            return Health(f"topic {self._topic} has got {self._tail.read} records, none of this run")
        said = ", ".join(f"{count} x {why}" for why, count in self._reasons.most_common(3))
        line = f"topic {self._topic} has {len(self._numbers)} of the run: {said}"
        return Health(line, f"Correct what refuses them, then send the records of topic {self._topic} again.")

    def explains(self, numbers: Ranges) -> str:
        count = len(numbers) - len(numbers.minus(self._numbers))
        if not count:
            return ""
        verb = "is" if count == 1 else "are"
        whys = " and ".join(why for why, _count in self._reasons.most_common(3))
        return (
            f"{count} of them {verb} in the dead-letter topic {self._topic}: {whys}; correct that, and send them again."
        )

    def facts(self, account: Account) -> Mapping[str, Any]:
        return {
            "count": self._tail.read,
            "of_run": counted(self._numbers),
            "reasons": [{"reason": why, "count": count} for why, count in self._reasons.most_common()],
        }

    def close(self) -> None:
        self._tail.close()

    def _count(self, why: str) -> None:
        known = why in self._reasons or len(self._reasons) < _MOST_REASONS
        self._reasons[why if known else "other"] += 1


def reason(headers: Mapping[str, bytes | None]) -> str:
    """Why a record was refused, in a few words that are the same for each that is refused for the same cause."""
    message = (headers.get(_MESSAGE) or b"").decode("utf-8", "replace")
    if found := _ELASTICSEARCH_ERROR.search(message):
        return found[0]
    if name := (headers.get(_CLASS) or b"").decode("utf-8", "replace").rpartition(".")[2]:
        return name
    return redact_text(message.split("\n", 1)[0])[:_LONGEST_REASON] or "no reason given"
