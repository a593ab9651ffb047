# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation of local_preflight: looks at everything, then tells all problems at once. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import InvalidInput
from ..operation import Context, Operation, Result
from . import machine
from .checks import (
    Listener,
    choose_java,
    clashes,
    command_problem,
    disk_problem,
    is_ours,
    java_problem,
    listener_problem,
    memory_problem,
)
from .options import ARGUMENT_SPEC, Wanted, WantedJava, read_wanted


@dataclass
class Findings:
    """What was found so far: values for the result, and problems."""

    result: Result = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def judge(self, problem: str) -> None:
        if problem:
            self.problems.append(problem)


def run(params: Mapping[str, Any], context: Context) -> Result:
    wanted = read_wanted(params)
    findings = Findings()
    _look_at_listeners(wanted, findings)
    for path, minimum_mib in wanted.disk:
        findings.judge(disk_problem(path, machine.free_mib(path), minimum_mib))
    if wanted.memory_mib:
        findings.judge(memory_problem(machine.available_memory_mib(), wanted.memory_mib))
    if wanted.java is not None:
        _look_for_java(wanted.java, findings)
    _look_for_commands(wanted, findings)
    for path in wanted.writable:
        findings.judge(machine.writable_problem(path))
    if findings.problems:
        raise _failure(findings.problems)
    return {"changed": False, **findings.result}


def _look_at_listeners(wanted: Wanted, findings: Findings) -> None:
    supervisor_pid = machine.running_pid(wanted.supervisor_pid_file) if wanted.supervisor_pid_file else None
    listeners, states = [], []
    for declared in wanted.listeners:
        address = machine.numeric_address(declared.address)
        if address is None:
            findings.judge(f"the address {declared.address} ({declared.name}) is unknown to this machine")
            continue
        listener = Listener(declared.name, address, declared.port)
        listeners.append(listener)
        port = machine.look_at_port(listener)
        findings.judge(listener_problem(listener, port, supervisor_pid))
        states.append(
            {
                "name": declared.name,
                "address": declared.address,
                "port": declared.port,
                "state": "ours" if is_ours(port, supervisor_pid) else "free",
                "pid": port.holders[0].pid if port.holders else None,
            }
        )
    for clash in clashes(listeners):
        findings.judge(clash)
    findings.result["listeners"] = states


def _look_for_java(wanted: WantedJava, findings: Findings) -> None:
    candidates, looked_at = machine.java_candidates(wanted.executable, wanted.java_home)
    seen = list(machine.look_at_javas(candidates))
    findings.judge(java_problem(seen, wanted.minimum, looked_at))
    java = choose_java(seen, wanted.minimum)
    if java is not None:
        findings.result.update(java_home=java.home, java_version=java.version)


def _look_for_commands(wanted: Wanted, findings: Findings) -> None:
    paths = {name: machine.command_path(name) for name, _package in wanted.commands}
    for name, package in wanted.commands:
        findings.judge(command_problem(name, paths[name], package))
    findings.result["commands"] = paths


def _failure(problems: list[str]) -> InvalidInput:
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    lines = [f"This machine has {count}; nothing was started or changed.", *(f"- {problem}" for problem in problems)]
    return InvalidInput("\n".join(lines), problems=problems)


OPERATION = Operation(ARGUMENT_SPEC, run)
