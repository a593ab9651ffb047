# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of this collection's action plug-ins: runs a module's Operation inside the controller's process.

A module started in the usual way costs 0.2 to 0.3 s before its first line runs; in process it is some 20 ms. It holds
for local connections only: delegated to another host, with become, with an environment or with another interpreter, the
module itself runs there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import PipelineError
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import Context, Operation
from ansible_collections.loggy.pipeline.plugins.plugin_utils.snapshots import writer_for

display = Display()


class InProcessAction(ActionBase):  # type: ignore[misc]
    """Subclasses set ``operation``, and nothing else."""

    operation: Operation
    _supports_check_mode = True
    _supports_async = True

    def __init_subclass__(cls) -> None:
        """Ansible loads an action plug-in before it forks a process for each task: what is here by then is in all."""
        for name in cls.operation.libraries:
            with suppress(ImportError):
                import_module(name)

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        if not self._is_local(task_vars or {}):
            result.update(self._execute_module(task_vars=task_vars, wrap_async=self._task.async_val))
            return result
        validation = ArgumentSpecValidator(dict(self.operation.argument_spec), **self.operation.rules).validate(
            _plain(self._task.args)
        )
        secrets = validation._no_log_values
        if validation.unsupported_parameters:
            names = ", ".join(sorted(".".join(path) for path in validation.unsupported_parameters))
            return {**result, "failed": True, "msg": f"Unsupported parameters for {self._task.action}: {names}."}
        if validation.error_messages:
            return {**result, "failed": True, "msg": remove_values("; ".join(validation.error_messages), secrets)}
        with self._context(task_vars or {}) as context:
            try:
                result.update(self.operation.run(validation.validated_parameters, context))
            except PipelineError as error:
                result.update(failed=True, msg=str(error), **error.details)
        return remove_values(result, secrets)  # type: ignore[no-any-return]

    @contextmanager
    def _context(self, task_vars: Mapping[str, Any]) -> Iterator[Context]:
        """Where the task is shown live, that takes the place of its lines."""
        snapshots = writer_for(self._task._uuid, str(task_vars.get("inventory_hostname", "")))
        if snapshots is None:
            yield Context(check_mode=self._task.check_mode, progress=display.display)
            return
        try:
            yield Context(check_mode=self._task.check_mode, snapshot=snapshots.write)
        finally:
            snapshots.close()

    def _is_local(self, task_vars: dict[str, Any]) -> bool:
        interpreter = task_vars.get("ansible_python_interpreter", sys.executable)
        return (
            self._connection.transport == "local"
            and not self._play_context.become
            and not self._task.async_val
            and not any(self._task.environment or ())
            and os.path.realpath(str(self._templar.template(interpreter))) == os.path.realpath(sys.executable)
        )


def _plain(value: Any) -> Any:
    """``value`` without Ansible's own subclasses of str and int, which libraries outside Ansible need not know."""
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        return str.__str__(value)
    return value
