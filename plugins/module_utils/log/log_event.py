# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation of the module ``log_event``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InvalidInput, PipelineError
from ..operation import Context, Operation, Result
from .event import LOGGY
from .options import SENDING_RULES, SENDING_SPEC, sending
from .send import Sent, send, sent_result
from .writers import LinesWriter

MOST_LINES = 1000


def _run(params: Mapping[str, Any], context: Context) -> Result:
    seqs = _numbers(params["kind"], params["count"], params["first"])
    plan = sending(params)
    if plan.to is None and len(seqs) > MOST_LINES:
        raise InvalidInput(
            f"{len(seqs)} lines are too many for a task's result, which takes {MOST_LINES}.",
            advice="Set file or forward.",
        )
    writer, sent = plan.writer(), Sent()
    if not context.check_mode:
        try:
            send(plan, seqs, writer, sent)
        except PipelineError as error:
            error.details.update(sent_result(plan, seqs, writer, sent))
            raise
    lines = {"lines": writer.lines} if isinstance(writer, LinesWriter) else {}
    # Lines that only the task's result holds change nothing.
    return {"changed": plan.to is not None, **sent_result(plan, seqs, writer, sent), **lines}


def _numbers(kind: str, count: int, first: int) -> range:
    if kind != "loggy" and count < 1:
        raise InvalidInput(f"count is {count}: at least one neighbour is needed.")
    if first < 1:
        raise InvalidInput(f"first is {first}: the first neighbour has number 1.")
    if kind != "neighbours" and first != 1:
        raise InvalidInput(f"first is {first}: only kind neighbours begins anywhere else than at 1.")
    if kind == "neighbours":
        return range(first, first + count)
    return range(LOGGY, 1 if kind == "loggy" else count + 1)


OPERATION = Operation(
    argument_spec={
        "kind": {"type": "str", "choices": ["loggy", "neighbours", "both"], "default": "loggy"},
        "count": {"type": "int", "default": 100},
        "first": {"type": "int", "default": 1},
        **SENDING_SPEC,
    },
    run=_run,
    rules=SENDING_RULES,
)
