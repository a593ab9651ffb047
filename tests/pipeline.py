# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real pipeline for the tests: its own state folder and ports, driven by the same playbooks that a user runs."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PORTS = (
    "loggy_kafka_port",
    "loggy_kafka_controller_port",
    "loggy_zookeeper_port",
    "loggy_connect_port",
    "loggy_elasticsearch_port",
    "loggy_elasticsearch_transport_port",
    "loggy_forward_port",
)
# On top of those, when it is watched.
WATCHED_PORTS = (
    "monitoring_prometheus_port",
    "monitoring_kafka_port",
    "monitoring_connect_port",
    "monitoring_elasticsearch_exporter_port",
    "canary_port",
)


@dataclass(frozen=True)
class Run:
    """What one run of ansible-playbook left: ``recap`` counts ok, changed, failed and so on of the one host."""

    code: int
    output: str
    recap: dict[str, int]

    @property
    def changed(self) -> int:
        return self.recap["changed"]

    def expect_success(self) -> Run:
        assert self.code == 0, self.output
        return self

    def expect_failure(self) -> Run:
        assert self.code != 0, self.output
        assert "Traceback" not in self.output, self.output
        return self

    @property
    def error(self) -> str:
        """The line that a user reads first."""
        return next(line for line in self.output.splitlines() if line.startswith("[ERROR]"))

    @property
    def words(self) -> str:
        """The output with all white space folded, for messages that were wrapped."""
        return " ".join(self.output.split())


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now, below the range that the kernel gives to outgoing connections."""
    found: list[int] = []
    candidate = 20000 + os.getpid() % 5000
    while len(found) < count:
        candidate += 1
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", candidate)) != 0:
                found.append(candidate)
    return found


@dataclass
class Pipeline:
    """:param variables: on top of those that keep this pipeline apart from others."""

    state_dir: Path
    variables: dict[str, Any] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=lambda: dict(zip(PORTS, free_ports(len(PORTS)), strict=True)))
    environment: dict[str, str] = field(default_factory=dict)
    site: Path = ROOT
    inventory: str = "inventories/local"

    def playbook(self, name: str, *arguments: str, timeout: float = 600, **variables: Any) -> Run:
        """Runs ``name``.yml as a user does; ``variables`` hold for this run only."""
        done = subprocess.run(
            self.command(name, *arguments, **variables),
            cwd=self.site,
            env=self._environment(),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            timeout=timeout,
            check=False,
        )
        return Run(done.returncode, done.stdout, _recap(done.stdout))

    def start_playbook(self, name: str, **variables: Any) -> subprocess.Popen[str]:
        """The same, in a process group of its own, for those who mean to interrupt it."""
        return subprocess.Popen(
            self.command(name, **variables),
            cwd=self.site,
            env=self._environment(),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def command(self, name: str, *arguments: str, **variables: Any) -> list[str]:
        apart = {"loggy_state_dir": str(self.state_dir), "loggy_service_user": f"loggy-test-{os.getpid()}"}
        everything = {**apart, **self.ports, **self.variables, **variables}
        playbook = Path(sys.executable).with_name("ansible-playbook")
        return [
            str(playbook),
            f"{name}.yml",
            "-i",
            self.inventory,
            "--extra-vars",
            json.dumps(everything),
            *arguments,
        ]

    def _environment(self) -> dict[str, str]:
        ours = {key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")}
        return {**ours, "ANSIBLE_CONFIG": str(self.site / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1", **self.environment}

    @property
    def connect_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['loggy_connect_port']}"

    @property
    def elasticsearch_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['loggy_elasticsearch_port']}"

    @property
    def bootstrap_servers(self) -> str:
        return f"127.0.0.1:{self.ports['loggy_kafka_port']}"

    @property
    def forward_address(self) -> str:
        return f"127.0.0.1:{self.ports['loggy_forward_port']}"

    def supervisorctl(self, *words: str) -> str:
        control = Path(sys.executable).with_name("supervisorctl")
        config = self.state_dir / "supervisor" / "supervisord.conf"
        done = subprocess.run([control, "-c", config, *words], text=True, capture_output=True, check=False)
        return done.stdout

    def kill(self, program: str) -> int:
        """Kills a program and all it started with SIGKILL, as a crash would; returns the pid that it had."""
        pid = int(self.supervisorctl("pid", program))
        os.killpg(pid, signal.SIGKILL)
        return pid

    def log(self, program: str) -> str:
        return (self.state_dir / "log" / f"{program}.log").read_text(errors="replace")


def _recap(output: str) -> dict[str, int]:
    line = re.search(r"^localhost\s+:(.*)$", output, re.MULTILINE)
    return {key: int(count) for key, count in re.findall(r"(\w+)=(\d+)", line.group(1))} if line else {}
