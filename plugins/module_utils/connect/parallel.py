# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does one thing for many, a bounded number at a time, and loses no error of any."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ..errors import PipelineError
from .options import PARALLEL

T = TypeVar("T")
R = TypeVar("R")


def in_parallel(work: Callable[[T], R], items: Iterable[T]) -> list[R | PipelineError]:
    """What ``work`` returned or raised for each of the items, in their order."""

    def kept(item: T) -> R | PipelineError:
        try:
            return work(item)
        except PipelineError as error:
            return error

    queue = list(items)
    if len(queue) < 2:
        return [kept(item) for item in queue]
    with ThreadPoolExecutor(max_workers=min(PARALLEL, len(queue))) as pool:
        return list(pool.map(kept, queue))
