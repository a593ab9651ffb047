# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module does, apart from how it is started: its ``main()`` and its action plug-in run the same Operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .errors import PipelineError

Result = dict[str, Any]


def _silent(line: str) -> None:
    pass


def _unseen(state: Mapping[str, Any]) -> None:
    pass


@dataclass(frozen=True)
class Context:
    """How a run was asked for.

    :param check_mode: read, plan, report, and change nothing.
    :param progress: takes one line at a time while a long run goes on; shown where there is somebody to see it.
    :param snapshot: takes the state of a long run as values, some times a second; for a display that is redrawn.
    """

    check_mode: bool = False
    progress: Callable[[str], None] = _silent
    snapshot: Callable[[Mapping[str, Any]], None] = _unseen


@dataclass(frozen=True)
class Operation:
    """A module's interface and its code.

    :param argument_spec: as AnsibleModule takes it.
    :param run: gets the validated options; returns the result; raises PipelineError.
    :param rules: ``required_if``, ``mutually_exclusive`` and the like, as AnsibleModule takes them.
    :param shown: the options as a log and ``-vvv`` may show them, where ``no_log`` on an option does not say enough.
        It gets them unvalidated, too.
    :param libraries: Python modules that every run needs and that take long to import. Where one is missing, the run
        says so.
    """

    argument_spec: Mapping[str, Any]
    run: Callable[[Mapping[str, Any], Context], Result]
    rules: Mapping[str, Any] = field(default_factory=dict)
    shown: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict
    libraries: tuple[str, ...] = ()


def run_module(operation: Operation) -> None:
    """The body of every module's ``main()``."""
    module = _Module(operation)
    try:
        result = operation.run(module.params, Context(check_mode=module.check_mode))
    except PipelineError as error:
        module.fail_json(msg=str(error), **_warned(module, error.details))
    else:
        module.exit_json(**_warned(module, result))


class _Module(AnsibleModule):  # type: ignore[misc]
    """AnsibleModule writes all options to the system's log and into each result; this one only what may be shown."""

    params: dict[str, Any]

    def __init__(self, operation: Operation) -> None:
        self._shown = operation.shown
        super().__init__(argument_spec=dict(operation.argument_spec), supports_check_mode=True, **operation.rules)

    def _log_invocation(self) -> None:
        params, self.params = self.params, dict(self._shown(self.params))
        try:
            super()._log_invocation()
        finally:
            self.params = params

    def _return_formatted(self, kwargs: dict[str, Any]) -> None:
        kwargs.setdefault("invocation", {"module_args": dict(self._shown(self.params))})
        super()._return_formatted(kwargs)


def _warned(module: AnsibleModule, result: Mapping[str, Any]) -> Result:
    """``result`` without its warnings, which a module has to hand over by another way than an action plug-in."""
    for warning in result.get("warnings", ()):
        module.warn(warning)
    return {key: value for key, value in result.items() if key != "warnings"}
