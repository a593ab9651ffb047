# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what a consumer group has committed of one topic. Changes no group and joins none."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from .broker_errors import translated
from .client import admin_client
from .options import Connection


class Groups:
    """:param admin: a KafkaAdminClient."""

    def __init__(self, admin: Any, to: Connection) -> None:
        self._admin = admin
        self._to = to

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """The offset to go on at by partition; a partition of which nothing was committed is left out."""
        with translated(f"reading the offsets of group {group}", self._to):
            offsets = self._admin.list_group_offsets({group: None}).get(group, {})
        return {tp.partition: at.offset for tp, at in offsets.items() if tp.topic == topic and at.offset >= 0}


@contextlib.contextmanager
def open_groups(to: Connection) -> Iterator[Groups]:
    with admin_client(to) as admin:
        yield Groups(admin, to)
