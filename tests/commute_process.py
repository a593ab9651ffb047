# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""loggy_commute in a process of its own, so that it can be halted while others do something, and measured."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Done:
    """:param result: as the task has it, with ``msg`` when it failed.
    :param cpu: seconds; :param rss: the largest resident set in bytes.
    """

    result: dict[str, Any]
    cpu: float
    rss: int


class CommuteProcess:
    def __init__(self, options: dict[str, Any]) -> None:
        """:param options: the module's."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.commute_process", json.dumps(options)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(("collections", "."))},
            text=True,
            stdout=subprocess.PIPE,
        )

    def wait_until_it_watches(self) -> None:
        """Returns when every stop has noted where it is; what is sent from now on is new to all of them."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert "watched at" in line, line

    def suspend(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def done(self) -> Done:
        output, _ = self._process.communicate(timeout=900)
        return Done(**json.loads(output.splitlines()[-1]))

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


def main() -> None:
    from ansible_collections.loggy.pipeline.plugins.module_utils.commute.loggy_commute import OPERATION
    from ansible_collections.loggy.pipeline.plugins.module_utils.errors import PipelineError
    from ansible_collections.loggy.pipeline.plugins.module_utils.operation import Context

    from tests.unit.run_operation import validated

    try:
        options = validated(OPERATION, **json.loads(sys.argv[1]))
        result = OPERATION.run(options, Context(progress=lambda line: print(line, flush=True)))
    except PipelineError as error:
        result = {"msg": str(error), **error.details}
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"result": result, "cpu": usage.ru_utime + usage.ru_stime, "rss": usage.ru_maxrss * 1024}))


if __name__ == "__main__":
    main()
