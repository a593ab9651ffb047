"""A real Prometheus on this machine, filled with numbers of a time that never was."""

from __future__ import annotations

import json
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.promtool import prometheus_program

_SECONDS = 30.0


def backfill(folder: Path, series: Mapping[str, Callable[[int], float]], *, minutes: int, end: float) -> Path:
    """A database in ``folder / 'data'``.

    :param series: one sample each 30 s up to ``end``: a function of how many came before it.
    """
    promtool = prometheus_program("promtool")
    assert promtool
    text = folder / "samples.txt"
    count = minutes * 2
    with text.open("w", encoding="utf-8") as file:
        for name, value in series.items():
            lines = (f"{name} {value(number):g} {end - (count - 1 - number) * 30:.0f}\n" for number in range(count))
            file.writelines(lines)
        file.write("# EOF\n")
    data = folder / "data"
    command = [promtool, "tsdb", "create-blocks-from", "openmetrics", str(text), str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return data


@contextmanager
def running(folder: Path, *, data: Path | None = None, rules: str = "") -> Iterator[str]:
    """The URL of a Prometheus that scrapes nothing."""
    program = prometheus_program("prometheus")
    assert program
    (folder / "rules.yml").write_text(rules or "groups: []\n", encoding="utf-8")
    config = "global: {evaluation_interval: 1s}\nrule_files: [rules.yml]\n"
    (folder / "prometheus.yml").write_text(config, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [
        program,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={data or folder / 'data'}",
        "--storage.tsdb.retention.time=10y",
        f"--web.listen-address={address}",
        "--log.level=warn",
    ]
    with (folder / "prometheus.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait_for(f"http://{address}/-/ready", process, folder / "prometheus.log", lambda _answer: True)
        _wait_for(f"http://{address}/api/v1/rules", process, folder / "prometheus.log", _are_evaluated)
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(_SECONDS)


def _are_evaluated(answer: bytes) -> bool:
    groups = json.loads(answer)["data"]["groups"]
    return all(not group["lastEvaluation"].startswith("0001") for group in groups)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path, is_reached: Callable[[bytes], bool]) -> None:
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                if is_reached(answer.read()):
                    return
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"{url}: not in {_SECONDS:g} s: {log.read_text(encoding='utf-8')}")
