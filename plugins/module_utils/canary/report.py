# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account as JSON for whoever asks: what is counted, what is on the way, and what was lost and came late."""

from __future__ import annotations

from typing import Any

from ..log.event import iso_time
from ..log.send import counted
from .account import Account
from .book import Book
from .metrics import cumulative, is_up
from .tally import COUNTERS, Tally
from .way import Loggy, Loss, Outage

SCHEMA_VERSION = 1
_MOST_ON_THE_WAY = 100


def report(book: Book, trouble: str) -> dict[str, Any]:
    """:param trouble: why the probe itself does not do its work, "" when it does."""
    with book.reading() as account:
        return _report(account, book.now_us(), trouble)


def _report(account: Account, now_us: int, trouble: str) -> dict[str, Any]:
    way = account.on_the_way
    return {
        "schema_version": SCHEMA_VERSION,
        "run": account.run,
        "time": iso_time(now_us),
        "trouble": trouble or None,
        "deadline": account.deadline_us / 1_000_000,
        "sent": account.sent,
        "arrived": account.arrived,
        "lost": account.lost,
        "skipped": account.skipped,
        "on_the_way": {
            "count": len(way),
            "loggys": [_on_the_way(one, account, now_us) for one in way[-_MOST_ON_THE_WAY:]],
        },
        "stops": [_stop(account, name, tally) for name, tally in account.tallies.items()],
        "last_verdicts": [
            {
                "number": one["number"],
                "sent": iso_time(one["sent_us"]),
                "verdict": one["verdict"],
                "seconds": one["seconds"],
            }
            for one in reversed(account.verdicts)
        ],
        "last_losses": [_loss(loss) for loss in reversed(account.losses)],
        "last_outages": [_outage(outage, now_us) for outage in reversed(account.outages)],
    }


def _on_the_way(loggy: Loggy, account: Account, now_us: int) -> dict[str, Any]:
    return {
        "number": loggy.number,
        "sent": iso_time(loggy.sent_us),
        "seconds": (now_us - loggy.sent_us) / 1_000_000,
        "seen": [place for place in account.tallies if place in loggy.seen],
    }


def _stop(account: Account, name: str, tally: Tally) -> dict[str, Any]:
    return {
        "name": name,
        "kind": tally.kind,
        "up": is_up(account, name),
        "error": account.error(name) or None,
        **{counter: getattr(tally, counter) for counter in COUNTERS},
        "missing": counted(tally.missing),
        "last_seen": {"number": tally.last_number, "time": iso_time(tally.last_us)} if tally.last_us else None,
        "latency": {
            "count": tally.seen,
            "sum": tally.latency_sum,
            "buckets": [{"le": bound, "count": int(count)} for bound, count in cumulative(tally)],
        },
    }


def _loss(loss: Loss) -> dict[str, Any]:
    return {
        "number": loss.number,
        "verdict": loss.verdict,
        "stop": loss.place,
        "last_seen": loss.last_seen,
        "sent": iso_time(loss.sent_us),
        "judged": iso_time(loss.judged_us),
        "lacking": loss.lacking,
        "came": None if loss.came_us is None else iso_time(loss.came_us),
    }


def _outage(outage: Outage, now_us: int) -> dict[str, Any]:
    return {
        "stop": outage.place,
        "error": outage.error,
        "from": iso_time(outage.from_us),
        "to": None if outage.to_us is None else iso_time(outage.to_us),
        "seconds": ((outage.to_us or now_us) - outage.from_us) / 1_000_000,
    }
