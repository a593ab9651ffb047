# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation of the module ``loggy_commute``: rides, judges, reports."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from ..errors import PipelineError
from ..operation import Context, Operation, Result
from .account import Account
from .options import ARGUMENT_SPEC, RULES, Commute, StopPlan, commute
from .report.result import SCHEMA_VERSION, stop_result, verdict_result
from .report.table import reachability_table, table
from .report.write import prepare_folder, write_json
from .ride import Ride
from .verdict import SENDER, Seen, Verdict, Word, judge, judge_start

# For what a stop says of itself: a server that does not answer ends it.
_HEALTH_SECONDS = 12.0


def _run(params: Mapping[str, Any], context: Context) -> Result:
    plan = commute(params)
    if plan.report_dir and not context.check_mode:
        prepare_folder(plan.report_dir)
    ride = Ride(plan, context.progress)
    ride.start()
    verdict = judge_start(ride.sender.facts(), _seen(plan, ride))
    if context.check_mode:
        ride.close()
        return _reachability(plan, ride)
    if verdict is None:
        ride.follow()
    ride.close()
    seen = _seen(plan, ride)
    verdict = verdict or judge(ride.sender.facts(), seen)
    health = {} if verdict.word is Word.ARRIVED else _health(plan)
    return _report(plan, ride, seen, verdict, health)


def _seen(plan: Commute, ride: Ride) -> list[Seen]:
    """What each stop saw, and for an index whether what it saw are the records of the topic before it."""
    seen: list[Seen] = []
    topic: Account | None = None
    for stop in plan.stops:
        follower = ride.followers.get(stop.name)
        if follower is None:
            seen.append(Seen(stop.name, stop.kind, deployed=False))
            continue
        account = follower.account
        proves = stop.kind == "index" and topic is not None
        seen.append(
            Seen(
                stop.name,
                stop.kind,
                waited=bool(ride.sender.facts().sent),
                error=follower.error,
                place=account.loggy.place if account.loggy else "",
                missing=account.missing,
                duplicates=account.duplicates,
                unproven=account.coordinates.unproven(topic.coordinates) if proves and topic else None,
            )
        )
        topic = account if stop.kind == "topic" else topic
    return seen


def _health(plan: Commute) -> dict[str, str]:
    """What each stop says of itself, all asked at the same time."""
    said: dict[str, str] = {}

    def ask(planned: StopPlan) -> None:
        if planned.stop is not None:
            said[planned.name] = planned.stop.health()

    threads = [threading.Thread(target=ask, args=(planned,), daemon=True) for planned in plan.stops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_HEALTH_SECONDS)
    return dict(said)


def _report(plan: Commute, ride: Ride, seen: list[Seen], verdict: Verdict, health: Mapping[str, str]) -> Result:
    """The result of the task, also as the report's file.

    :raises PipelineError: unless all arrived; the result is in its details.
    """
    stops = [
        stop_result(one, ride.followers[one.name].account if one.deployed else None, health.get(one.name))
        for one in seen
    ]
    sent = ride.sender.result()
    result = {
        "schema_version": SCHEMA_VERSION,
        **verdict_result(verdict),
        "run": plan.sending.run,
        "seconds": round(ride.seconds, 3),
        "deadline": plan.deadline,
        "sender": sent,
        "stops": stops,
    }
    reports = {"json": str(write_json(plan.report_dir, result))} if plan.report_dir else {}
    shown = {**result, "table": table(sent, stops), "changed": sent["sent"]["count"] > 0, "reports": reports}
    if verdict.word is Word.ARRIVED:
        return shown
    raise PipelineError(verdict.line, advice=_advice(plan, verdict, health), **shown)


def _advice(plan: Commute, verdict: Verdict, health: Mapping[str, str]) -> str:
    """What to look at: the stop in question; for the sender, the stop that it could not hand its events to."""
    name = verdict.stop
    if name == SENDER:
        name = next(stop.name for stop in plan.stops if stop.stop is not None)
    return f"Look at {name}: {health.get(name or '', 'it does not answer')}."


def _reachability(plan: Commute, ride: Ride) -> Result:
    stops = [
        {
            "name": stop.name,
            "kind": stop.kind,
            "deployed": stop.stop is not None,
            "reachable": stop.stop is not None and not ride.followers[stop.name].error,
            "error": (stop.stop is not None and ride.followers[stop.name].error) or None,
        }
        for stop in plan.stops
    ]
    return {
        "changed": True,
        "verdict": None,
        "run": plan.sending.run,
        "sender": ride.sender.result(),
        "stops": stops,
        "table": reachability_table(stops),
        "reports": {},
    }


OPERATION = Operation(argument_spec=ARGUMENT_SPEC, run=_run, rules=RULES)
