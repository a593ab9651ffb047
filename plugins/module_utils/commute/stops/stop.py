# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every stop of the commute is: a place that can be asked for the events of one run, in three ways."""

from __future__ import annotations

from typing import Protocol

from ...connect.client import ConnectClient
from ...connect.health import summary
from ...errors import NotFound, PipelineError, Unreachable
from ..account import Account

# One poll takes no longer, however much there is to read: the rest is for the next one.
POLL_SECONDS = 2.0


class Stop(Protocol):
    """One thread calls ``start``, ``poll`` and ``close``; ``health`` may be asked from another one."""

    def start(self) -> None:
        """Notes where the stop is now, before anything is sent.

        :raises PipelineError: when it can't be read.
        """

    def poll(self, account: Account, *, last: bool = False) -> None:
        """Reads what has come since, into ``account``; returns soon when there is nothing.

        :param last: nothing will be read after this, so that what is only counted roughly must be counted exactly.
        :raises PipelineError: when it can't be read now; it is asked again.
        """

    def health(self) -> str:
        """One line of what the stop says of itself, whatever state it is in."""

    def close(self) -> None: ...


class Feed:
    """The connector that brings events to a stop, for its line of health."""

    def __init__(self, client: ConnectClient, connector: str) -> None:
        self._client = client
        self._connector = connector

    def health(self) -> str:
        try:
            return f"connector {self._connector}: {summary(self._client.get_connector(self._connector))}"
        except NotFound:
            return f"connector {self._connector}: not there"
        except Unreachable:
            return f"connector {self._connector}: Kafka Connect does not answer"
        except PipelineError as error:
            return f"connector {self._connector}: {first_line(error)}"


def first_line(error: BaseException) -> str:
    return str(error).split("\n", 1)[0].rstrip(".")


def joined_health(feed: Feed | None, own: str) -> str:
    return f"{feed.health()}; {own}" if feed else own
