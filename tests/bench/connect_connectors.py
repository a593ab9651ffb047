# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times connect_connectors on a real worker beside plain concurrent PUTs and a loop of uri tasks, all in one run.

LOGGY_CONNECT_URL names the worker, which needs the FileStream connectors. LOGGY_BENCH_CONNECTORS says how many (100).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).parents[2]
THREADS = 8
LOOPED = 20
PREFIX = "loggy-bench-"


class Bench:
    def __init__(self, url: str, count: int, folder: Path) -> None:
        self._url = url
        self._folder = folder
        self._session = requests.Session()
        self._session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=THREADS))
        self.names = [f"{PREFIX}{number:03}" for number in range(count)]
        self._config = {"connector.class": "FileStreamSource", "topic": f"{PREFIX}topic", "file": str(folder / "in")}
        (folder / "in").touch()

    def plain_puts(self) -> float:
        """Creates all, without a question or a check: what no module can do faster."""
        return timed(lambda: self._in_threads(self._put, self.names))

    def playbook(self, count: int, *, expected_changes: int) -> float:
        connectors = [{"name": name, "config": self._config} for name in self.names[:count]]
        task = {"loggy.pipeline.connect_connectors": {"urls": [self._url], "connectors": connectors}}
        return self._play([task], expected_changes)

    def empty_playbook(self) -> float:
        """What ansible-playbook needs for itself."""
        return self._play([{"ansible.builtin.debug": {"msg": "nothing"}}], 0)

    def uri_loop(self, count: int) -> float:
        task = {
            "ansible.builtin.uri": {
                "url": f"{self._url}/connectors/{{{{ item }}}}/config",
                "method": "PUT",
                "body_format": "json",
                "body": self._config,
                "status_code": [200, 201],
            },
            "loop": self.names[:count],
        }
        return self._play([task], 0)

    def delete_all(self) -> None:
        """Also waits until the worker is quiet again, so that each measurement starts alike."""
        self._in_threads(self._delete, [name for name in self._listed() if name.startswith(PREFIX)])
        while any(self._session.get(f"{self._url}/connectors/{name}/status").ok for name in self.names):
            time.sleep(0.2)

    def check_running(self, count: int) -> None:
        seen = self._session.get(f"{self._url}/connectors?expand=status").json()
        states = [task["state"] for name in self.names[:count] for task in seen[name]["status"]["tasks"]]
        if states != ["RUNNING"] * count:
            raise SystemExit(f"{states.count('RUNNING')} of {count} tasks run after the playbook had ended.")

    def _play(self, tasks: list[dict[str, Any]], expected_changes: int) -> float:
        play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}
        play["vars"] = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        path = self._folder / "play.json"
        path.write_text(json.dumps([play]))
        command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "localhost,", str(path)]
        environment = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
        start = time.monotonic()
        run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        seconds = time.monotonic() - start
        if run.returncode or f"changed={expected_changes} " not in run.stdout:
            raise SystemExit(f"The playbook did not do what it was to do:\n{run.stdout[-3000:]}{run.stderr[-3000:]}")
        return seconds

    def _listed(self) -> list[str]:
        listed: list[str] = self._session.get(f"{self._url}/connectors").json()
        return listed

    def _put(self, name: str) -> None:
        self._session.put(f"{self._url}/connectors/{name}/config", json=self._config).raise_for_status()

    def _delete(self, name: str) -> None:
        self._session.delete(f"{self._url}/connectors/{name}").raise_for_status()

    @staticmethod
    def _in_threads(work: Callable[[str], None], names: Iterable[str]) -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(work, names))


def timed(work: Callable[[], None]) -> float:
    start = time.monotonic()
    work()
    return time.monotonic() - start


def run(bench: Bench, rounds: int) -> list[tuple[str, int, list[float]]]:
    """Rounds of plain PUTs and the module by turns, as the worker is warmer, and the machine busier, at some times."""
    count = len(bench.names)
    plain: list[float] = []
    created: list[float] = []
    unchanged: list[float] = []
    empty: list[float] = []
    bench.plain_puts()  # What makes the worker's code fast enough to be measured.
    for _round in range(rounds):
        bench.delete_all()
        plain.append(bench.plain_puts())
        bench.delete_all()
        created.append(bench.playbook(count, expected_changes=1))
        bench.check_running(count)
        unchanged.append(bench.playbook(count, expected_changes=0))
        empty.append(bench.empty_playbook())
    bench.delete_all()
    looped = [bench.uri_loop(LOOPED)]
    bench.delete_all()
    few = [bench.playbook(LOOPED, expected_changes=1)]
    bench.delete_all()
    return [
        (f"plain PUTs, {THREADS} at a time", count, plain),
        ("connect_connectors, created and RUNNING", count, created),
        ("the same, without ansible-playbook's own start", count, [a - b for a, b in zip(created, empty, strict=True)]),
        ("connect_connectors, unchanged", count, unchanged),
        ("a playbook that does nothing", 0, empty),
        ("connect_connectors, created and RUNNING", LOOPED, few),
        ("loop of ansible.builtin.uri, created", LOOPED, looped),
        (f"the same, scaled from {LOOPED}", count, [looped[0] * count / LOOPED]),
    ]


def report(rows: list[tuple[str, int, list[float]]]) -> str:
    plain = statistics.median(rows[0][2])
    lines = [
        "Seconds of whole playbooks, with the start of ansible-playbook; the median, and each round.",
        "",
        f"{'what':48} {'connectors':>10} {'seconds':>8} {'x plain':>8}  rounds",
    ]
    for what, count, seconds in rows:
        median = statistics.median(seconds)
        ratio = f"{median / plain:8.2f}" if count == rows[0][1] else f"{'':8}"
        lines.append(f"{what:48} {count:10} {median:8.2f} {ratio}  {' '.join(f'{one:.2f}' for one in seconds)}")
    return "\n".join(lines)


def main() -> None:
    url = os.environ.get("LOGGY_CONNECT_URL")
    if not url:
        raise SystemExit("LOGGY_CONNECT_URL names no Kafka Connect worker.")
    count = int(os.environ.get("LOGGY_BENCH_CONNECTORS", "100"))
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        print(report(run(Bench(url, count, Path(folder)), rounds=3)))


if __name__ == "__main__":
    main()
