# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking the stops as the walk-through did: one after the other, each with a command piped through grep.

It is given every advantage: it knows the run id, asks again at once, and is stopped as soon as the last line is there.
"""

from __future__ import annotations

import subprocess

import psutil

from tests.bench.measure import wait_until
from tests.pipeline import Pipeline

CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer"


def read_brokers(pipeline: Pipeline, topic: str, pattern: str, lines: int) -> None:
    """The console consumer, which reads the topic from its beginning and never ends by itself."""
    worker = psutil.Process(int(pipeline.supervisorctl("pid", "connect")))
    software = next((pipeline.state_dir / "software").glob("kafka-*"))
    command = [worker.exe(), "-Xmx512m", "-cp", f"{software}/*", CONSUMER]
    command += ["--bootstrap-server", pipeline.bootstrap_servers, "--topic", topic, "--from-beginning"]
    consumer = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    grep = subprocess.Popen(["grep", "--line-buffered", pattern], stdin=consumer.stdout, stdout=subprocess.PIPE)
    try:
        assert grep.stdout is not None
        for _ in range(lines):
            assert grep.stdout.readline(), "the consumer ended before all lines had come"
    finally:
        for process in (consumer, grep):
            process.kill()
            process.communicate()


def elasticsearch(pipeline: Pipeline, index: str, pattern: str, lines: int) -> None:
    """The list of the indices, then a search, again and again until all lines are in its answer.

    The walk-through's own search had no query and showed ten of all documents; this one asks for the run.
    """
    _curl(f"{pipeline.elasticsearch_url}/_cat/indices?v")
    search = f"{pipeline.elasticsearch_url}/{index}/_search?size=10000&pretty&q=loggy.run:{pattern}"

    def found() -> bool:
        return _grep(f'"run" : "{pattern}"', _curl(search)) >= lines

    wait_until(found, f"{lines} lines with {pattern} are in {index}", timeout=60, pause=0)


def _curl(url: str) -> bytes:
    return subprocess.run(["curl", "--silent", url], check=True, stdout=subprocess.PIPE).stdout


def _grep(pattern: str, text: bytes) -> int:
    return len(subprocess.run(["grep", pattern], input=text, check=False, stdout=subprocess.PIPE).stdout.splitlines())
