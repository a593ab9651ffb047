# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is looked at when: each resource one look at a time, again when something changed meanwhile, and now and then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from tests.cluster.operator.steps import Key


class Work:
    """:param step: blocks; see `Steps.step`."""

    def __init__(self, step: Callable[[Key], float | None]) -> None:
        self._step = step
        self._changed: dict[Key, asyncio.Event] = {}
        self._tasks: dict[Key, asyncio.Task[None]] = {}

    def add(self, key: Key) -> None:
        if key not in self._changed:
            self._changed[key] = asyncio.Event()
            self._tasks[key] = asyncio.create_task(self._follow(key))
        self._changed[key].set()

    def stop(self) -> None:
        for task in self._tasks.values():
            task.cancel()

    async def _follow(self, key: Key) -> None:
        changed = self._changed[key]
        while True:
            changed.clear()
            again = await asyncio.to_thread(self._step, key)
            if again is None and not changed.is_set():
                del self._changed[key], self._tasks[key]
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), again)
