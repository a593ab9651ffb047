# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program: ``python -m ansible_collections.loggy.pipeline.plugins.module_utils.canary.program --settings FILE``."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path

from ..errors import PipelineError
from ..log.event import iso_time
from .account import Account
from .book import Book
from .follow import Follower
from .metrics import CONTENT_TYPE, Metrics
from .page import page
from .probe import Probe
from .report import report
from .sender import Sender
from .server import Answer, Server, View, json_answer, text_answer
from .settings import Settings, new_run, read_settings
from .state import held


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="canary", description="Sends a Loggy every few seconds and follows each.")
    parser.add_argument("--settings", type=Path, required=True, metavar="FILE", help="a JSON file; docs/canary.md")
    parser.add_argument("--check", action="store_true", help="only check the settings")
    options = parser.parse_args(arguments)
    try:
        settings = read_settings(options.settings)
        if not options.check:
            with held(settings.state_path, _say):
                _run(settings)
    except PipelineError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _run(settings: Settings) -> None:
    """Until it is asked to end."""
    probe = make_probe(settings, _say)
    server = Server(settings.listen_address, settings.listen_port, views(probe))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: probe.close())
    _say(f"http://{settings.listen_address}:{server.port}/report")
    probe.run()
    server.close()


def make_probe(settings: Settings, say: Callable[[str], None]) -> Probe:
    """:raises PipelineError: for settings that can't work, and an account that can't be read."""
    stops = {stop.name: stop.kind for stop in settings.stops}
    book = Book(Account(new_run(), stops, settings.deadline), settings.state_path)
    run = book.account.run
    sender = Sender(settings.sending_for(run), book, settings.interval)
    followers = [Follower(stop.name, partial(stop.open, run), book, settings.poll_interval) for stop in settings.stops]
    say(f"run {run}, Loggy {book.account.sent + 1} is the next, to {settings.sending.destination}")
    return Probe(book, sender, followers, say, settings.lag)


def views(probe: Probe) -> dict[str, View]:
    metrics = Metrics(probe.book, probe.lag)

    def show_metrics(accept: str) -> Answer:
        return Answer(metrics.text(), CONTENT_TYPE)

    def show_health(accept: str) -> Answer:
        trouble = probe.trouble()
        return text_answer(trouble, HTTPStatus.SERVICE_UNAVAILABLE) if trouble else text_answer("ok")

    def show_report(accept: str) -> Answer:
        data = report(probe.book, probe.trouble())
        if "text/html" in accept:
            return Answer(page(data).encode(), "text/html; charset=utf-8")
        return json_answer(data)

    return {"/metrics": show_metrics, "/healthz": show_health, "/report": show_report}


def _say(line: str) -> None:
    sys.stdout.write(f"{iso_time(time.time_ns() // 1000)} {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
