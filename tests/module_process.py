# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module in a process of its own, so that it can be halted while others do something, and be measured."""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Done:
    """:param result: as the task has it, with ``msg`` when it failed.
    :param at: when it ended, in seconds since 1970.
    :param cpu: seconds; :param rss: the largest resident set in bytes.
    """

    result: dict[str, Any]
    at: float
    cpu: float
    rss: int


class ModuleProcess:
    def __init__(self, name: str, options: dict[str, Any]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.module_process", name, json.dumps(options)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(("collections", "."))},
            text=True,
            stdout=subprocess.PIPE,
        )

    def wait_until_it_watches(self) -> None:
        """For loggy_commute: every stop has noted where it is; what is sent from now on is new to all of them."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert "watched at" in line, line

    def suspend(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def done(self, timeout: float = 900) -> Done:
        output, _ = self._process.communicate(timeout=timeout)
        return Done(**json.loads(output.splitlines()[-1]))

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


def main(name: str, options: str) -> None:
    from ansible_collections.loggy.pipeline.plugins.module_utils.errors import PipelineError
    from ansible_collections.loggy.pipeline.plugins.module_utils.operation import Context

    from tests.unit.run_operation import validated

    operation = importlib.import_module(f"ansible_collections.loggy.pipeline.plugins.modules.{name}").OPERATION
    try:
        context = Context(progress=lambda line: print(line, flush=True))
        result = operation.run(validated(operation, **json.loads(options)), context)
    except PipelineError as error:
        result = {"msg": str(error), **error.details}
    at, usage = time.time(), resource.getrusage(resource.RUSAGE_SELF)
    cpu = usage.ru_utime + usage.ru_stime
    # Not ru_maxrss: that is never less than what the process that started this one had.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines())
    rss = int(status["VmHWM"].split()[0]) * 1024
    print(json.dumps({"result": result, "at": at, "cpu": cpu, "rss": rss}))


if __name__ == "__main__":
    main(*sys.argv[1:])
