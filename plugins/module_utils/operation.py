# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module does, apart from how it is started: the module's ``main()`` and the action plug-in run the same Operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .errors import PipelineError

Result = dict[str, Any]


def _silent(line: str) -> None:
    pass


@dataclass(frozen=True)
class Context:
    """How a run was asked for.

    :param check_mode: read, plan, report, and change nothing.
    :param progress: takes one line at a time while a long run goes on; shown where there is somebody to see it.
    """

    check_mode: bool = False
    progress: Callable[[str], None] = _silent


@dataclass(frozen=True)
class Operation:
    """A module's interface and its code.

    :param argument_spec: as AnsibleModule takes it.
    :param run: gets the validated options; returns the result; raises PipelineError.
    :param rules: ``required_if``, ``mutually_exclusive`` and the like, as AnsibleModule takes them.
    """

    argument_spec: Mapping[str, Any]
    run: Callable[[Mapping[str, Any], Context], Result]
    rules: Mapping[str, Any] = field(default_factory=dict)


def run_module(operation: Operation) -> None:
    """The body of every module's ``main()``."""
    module = AnsibleModule(
        argument_spec=dict(operation.argument_spec), supports_check_mode=True, **dict(operation.rules)
    )
    try:
        module.exit_json(**operation.run(module.params, Context(check_mode=module.check_mode)))
    except PipelineError as error:
        module.fail_json(msg=str(error), **error.details)
