# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for programs under a real supervisord."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import NotReady, PipelineError, Unreachable
from ansible_collections.loggy.pipeline.plugins.module_utils.local.programs import (
    OPERATION,
    Program,
    last_lines,
    why_hopeless,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import Context

LISTENS = (
    "import socket,time; s=socket.socket(); s.bind(('127.0.0.1', 0)); s.listen();"
    "print(s.getsockname()[1], flush=True); time.sleep(60)"
)
ENDS = "import sys; print('no such bucket: Loggy'); sys.exit(3)"


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Path]:
    socket = tmp_path / "s.sock"
    programs = "".join(
        f'[program:{name}]\ncommand={sys.executable} -c "{code}"\nredirect_stderr=true\nstartretries=1\nstartsecs=0\n'
        f"autorestart={restart}\nstdout_logfile={tmp_path}/{name}.log\n"
        for name, code, restart in (("listens", LISTENS, "true"), ("ends", ENDS, "false"))
    )
    config = tmp_path / "supervisord.conf"
    config.write_text(
        f"[supervisord]\nnodaemon=true\npidfile={tmp_path}/pid\nlogfile={tmp_path}/log\n"
        f"[unix_http_server]\nfile={socket}\n"
        "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n"
        f"{programs}"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "supervisor.supervisord", "-c", str(config)], stdout=subprocess.DEVNULL
    )
    while not socket.exists():
        assert process.poll() is None, "supervisord ended"
    yield socket
    process.terminate()
    process.wait()


def ask(socket: Path, name: str, *, port: int | None = None, wait: float = 10) -> list[dict[str, object]]:
    program = {"name": name, "address": "127.0.0.1" if port else None, "port": port}
    params = {"socket": str(socket), "programs": [program], "wait_timeout": wait}
    return OPERATION.run(params, Context())["programs"]  # type: ignore[no-any-return]


def test_a_program_that_listens_is_found_with_its_state(supervisor: Path) -> None:
    (program,) = ask(supervisor, "listens")
    log = Path(str(program["log"]))
    while not log.read_text().strip():
        pass
    (program,) = ask(supervisor, "listens", port=int(log.read_text()))
    assert program["state"] == "RUNNING"
    assert program["pid"]


def test_a_program_that_ended_fails_at_once_with_the_end_of_its_log(supervisor: Path) -> None:
    with pytest.raises(NotReady) as caught:
        ask(supervisor, "ends", port=1, wait=60)
    assert "ends does not come up: supervisor shows it as EXITED (exit status 3)" in str(caught.value)
    assert "no such bucket: Loggy" in str(caught.value)


def test_a_port_that_nobody_opens_ends_at_the_timeout_naming_the_last_state(supervisor: Path) -> None:
    with pytest.raises(NotReady, match=r"last seen: RUNNING, not listening yet on 127\.0\.0\.1:1"):
        ask(supervisor, "listens", port=1, wait=0.3)


def test_a_program_that_supervisor_does_not_know_is_absent(supervisor: Path) -> None:
    (program,) = ask(supervisor, "kafka", wait=0)
    assert program["state"] == "ABSENT"
    with pytest.raises(PipelineError, match=r"kafka does not come up: supervisor has no such program; run site\.yml"):
        ask(supervisor, "kafka")


def test_a_declaration_that_supervisor_has_not_taken_up_is_told(supervisor: Path) -> None:
    config = supervisor.with_name("supervisord.conf")
    assert ask(supervisor, "ends", wait=0)[0]["declaration"] == "current"
    config.write_text(config.read_text().replace("exit(3)", "exit(4)") + "[program:new]\ncommand=/bin/true\n")
    assert ask(supervisor, "ends", wait=0)[0]["declaration"] == "changed"
    assert ask(supervisor, "new", wait=0)[0]["declaration"] == "added"


def test_no_supervisor_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match=r"Asked supervisor for kafka at .*: No such file"):
        ask(tmp_path / "none.sock", "kafka")


@pytest.mark.parametrize(
    ("state", "restarts", "hopeless"),
    [("STARTING", 0, False), ("RUNNING", 1, False), ("BACKOFF", 1, False), ("RUNNING", 2, True), ("FATAL", 0, True)],
)
def test_hope_ends_when_supervisor_gave_up_or_the_program_keeps_ending(
    state: str, restarts: int, hopeless: bool
) -> None:
    assert bool(why_hopeless(Program("kafka", state), restarts)) is hopeless


def test_the_frames_of_a_trace_are_not_the_end_of_a_log() -> None:
    assert last_lines("a\nb\njava.lang.Boom: x\n\tat y.z(Q.java)\n\t... 3 more\n", 2) == "b\njava.lang.Boom: x"
