# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation of the module ``loggy_commute``: rides, judges, reports."""

from __future__ import annotations

import gc
import math
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..errors import PipelineError
from ..log.event import iso_time
from ..operation import Context, Operation, Result
from .advice import advise
from .latency import later_than
from .options import ARGUMENT_SPEC, RULES, Commute, commute
from .report.files import prepare_reports, write_reports
from .report.result import SCHEMA_VERSION, limits_result, stop_results, verdict_result
from .report.table import reachability_table, table
from .ride import Ride
from .stops.stop import Health
from .verdict import SENDER, Seen, Verdict, Word, judge, judge_start

# For what a stop says of itself: a server that does not answer ends it.
_HEALTH_SECONDS = 12.0
# So many objects may be made, and not freed, until Python looks for garbage among them: some batches of records.
_ALLOCATIONS = 20_000


def _run(params: Mapping[str, Any], context: Context) -> Result:
    plan = commute(params)
    if plan.report_dir and not context.check_mode:
        prepare_reports(plan.report_dir)
    with _seldom_searched_for_garbage():
        return _ride(plan, context)


def _ride(plan: Commute, context: Context) -> Result:
    ride = Ride(plan, context)
    ride.start()
    verdict = judge_start(ride.sender.facts(), _seen(plan, ride))
    if context.check_mode:
        ride.close()
        return _reachability(plan, ride)
    if verdict is None:
        ride.follow()
    ride.close()
    seen = _seen(plan, ride)
    verdict = verdict or judge(ride.sender.facts(), seen, plan.limits)
    return _report(plan, ride, seen, verdict)


@contextmanager
def _seldom_searched_for_garbage() -> Iterator[None]:
    """What is there now stays: Python does not look through it again and again while events come by the million, which
    took a second of each million, and more in an Ansible that has much in memory.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def _seen(plan: Commute, ride: Ride) -> list[Seen]:
    """What each stop saw, and for an index whether what it saw are the records of the topic before it."""
    seen: list[Seen] = []
    for stop in plan.stops:
        follower = ride.followers.get(stop.name)
        if follower is None:
            seen.append(Seen(stop.name, stop.kind, deployed=False))
            continue
        account = follower.account
        topic = account.before if stop.kind == "index" else None
        limit = plan.limits.latency_ms
        late, slowest = later_than(account.starts.us, account.seen_us, math.inf if limit is None else limit)
        seen.append(
            Seen(
                stop.name,
                stop.kind,
                waited=bool(ride.sender.facts().sent),
                error=follower.error,
                place=account.loggy.place if account.loggy else "",
                missing=account.missing,
                duplicates=account.duplicates,
                late=late,
                slowest_ms=slowest,
                out_of_order=account.out_of_order,
                unproven=account.coordinates.unproven(topic.coordinates) if topic else None,
            )
        )
    return seen


def _health(plan: Commute) -> dict[str, Health]:
    """What each stop and observation says of itself, all asked at the same time."""
    asked: dict[str, Callable[[], Health]] = {
        **{planned.name: planned.stop.health for planned in plan.stops if planned.stop is not None},
        **{planned.name: planned.observation.health for planned in plan.observations},
    }
    said: dict[str, Health] = {}

    def ask(name: str) -> None:
        said[name] = asked[name]()

    threads = [threading.Thread(target=ask, args=(name,), daemon=True) for name in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_HEALTH_SECONDS)
    return dict(said)


def _report(plan: Commute, ride: Ride, seen: list[Seen], verdict: Verdict) -> Result:
    """The result of the task, also as reports.

    :raises PipelineError: unless all arrived; the result is in its details.
    """
    health = {} if verdict.word is Word.ARRIVED else _health(plan)
    advice = _advice(plan, verdict, health)
    accounts = {name: follower.account for name, follower in ride.followers.items()}
    lines = {name: one.line for name, one in health.items()}
    sent = ride.sender.result()
    result = {
        "schema_version": SCHEMA_VERSION,
        "run": plan.sending.run,
        **verdict_result(verdict, advice),
        "started": iso_time(ride.started_us),
        "seconds": round(ride.seconds, 3),
        "deadline": plan.deadline,
        "limits": limits_result(plan.limits),
        "sender": sent,
        "stops": stop_results(seen, accounts, lines, plan.limits, ride.started_us),
        "observations": _observations(plan, ride, lines),
    }
    reports = write_reports(plan.report_dir, result) if plan.report_dir else {}
    changed = plan.sends and sent["sent"]["count"] > 0
    shown = {**result, "table": table(sent, result["stops"]), "changed": changed, "reports": reports}
    if verdict.word is Word.ARRIVED:
        return shown
    error = PipelineError(verdict.line, advice=f"{_said(plan, verdict, lines)}{advice}")
    error.details.update(shown)
    raise error


def _advice(plan: Commute, verdict: Verdict, health: Mapping[str, Health]) -> str | None:
    kinds = {planned.name: planned.kind for planned in plan.stops if planned.stop is not None}
    return advise(
        verdict,
        kinds,
        {name: health[name].advice for name in kinds if name in health},
        [planned.observation.explains(verdict.numbers) for planned in plan.observations],
        [health[planned.name].advice for planned in plan.observations if planned.name in health],
    )


def _said(plan: Commute, verdict: Verdict, lines: Mapping[str, str]) -> str:
    """What the stop in question says of itself; for the sender, the stop that it could not hand its events to."""
    name = verdict.stop or ""
    if name == SENDER:
        name = next(planned.name for planned in plan.stops if planned.stop is not None)
    return f"{name} says: {lines.get(name, 'nothing, it does not answer')}. "


def _observations(plan: Commute, ride: Ride, lines: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "name": planned.name,
            "kind": planned.kind,
            **planned.observation.facts(ride.observers[planned.name].account),
            "error": ride.observers[planned.name].error or None,
            "health": lines.get(planned.name),
        }
        for planned in plan.observations
    ]


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
        "changed": plan.sends,
        "verdict": None,
        "run": plan.sending.run,
        "sender": ride.sender.result(),
        "stops": stops,
        "table": reachability_table(stops),
        "reports": {},
    }


OPERATION = Operation(argument_spec=ARGUMENT_SPEC, run=_run, rules=RULES)
