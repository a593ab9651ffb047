# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""connect_logger: sets log levels on workers. They last until a worker restarts; Connect keeps them nowhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import InvalidInput, PipelineError
from ..operation import Context, Operation, Result
from ..wait import wait_until
from .client import ConnectClient
from .options import CONNECTION_RULES, CONNECTION_SPEC, connect_client
from .parallel import in_parallel

LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF")

ARGUMENT_SPEC: Mapping[str, Any] = {
    **CONNECTION_SPEC,
    "loggers": {"type": "dict", "required": True},
    "scope": {"type": "str", "choices": ["worker", "cluster"], "default": "worker"},
    "wait_timeout": {"type": "float", "default": 30},
}


def run(params: Mapping[str, Any], context: Context) -> Result:
    wanted = read_levels(params["loggers"])
    client = connect_client(params)
    if params["scope"] == "cluster":
        _check_cluster_scope(client)
    before = _get_levels(client, wanted)
    pending = {url: to_set(wanted, levels) for url, levels in before.items()}
    changed = any(pending.values())
    if changed and not context.check_mode:
        if params["scope"] == "cluster":
            names = [name for name in in_order(wanted) if any(name in pending[url] for url in pending)]
            _set_in_cluster(client, wanted, names, params["wait_timeout"], context.progress)
        else:
            _set_on_workers(client, wanted, pending)
    after = {url: dict(wanted) for url in before}
    return {
        "changed": changed,
        "diff": {"before": before, "after": after},
        "workers": [{"url": url, "loggers": levels} for url, levels in after.items()],
    }


def read_levels(loggers: Mapping[str, Any]) -> dict[str, str]:
    levels = {str(name): str(level).upper() for name, level in loggers.items()}
    # YAML reads an unquoted OFF as false.
    levels = {name: "OFF" if level == "FALSE" else level for name, level in levels.items()}
    wrong = sorted(name for name, level in levels.items() if level not in LEVELS)
    if wrong:
        raise InvalidInput(
            "loggers: " + ", ".join(f"{name} has the level {loggers[name]!r}" for name in wrong) + ".",
            advice=f"Levels are {', '.join(LEVELS)}.",
        )
    return levels


def in_order(names: Mapping[str, str]) -> list[str]:
    """Ancestors first: setting one sets all loggers below it."""
    return sorted(names, key=lambda name: (name != "root", name.count("."), name))


def to_set(wanted: Mapping[str, str], actual: Mapping[str, str | None]) -> list[str]:
    """The loggers to set, in order: those that differ, and those below one of them, as they would change with it."""
    names: list[str] = []
    for name in in_order(wanted):
        if actual.get(name) != wanted[name] or any(_is_below(name, other) for other in names):
            names.append(name)
    return names


def _is_below(name: str, other: str) -> bool:
    return other == "root" or name.startswith(f"{other}.")


def _check_cluster_scope(client: ConnectClient) -> None:
    version = client.get_version()
    if version < (3, 7):
        raise InvalidInput(
            f"scope cluster needs Kafka 3.7 or newer (KIP-976); the worker runs {'.'.join(map(str, version))}, which "
            "would set the level on itself alone.",
            advice="Use scope: worker with the URLs of all workers.",
        )


def _get_levels(client: ConnectClient, wanted: Mapping[str, str]) -> dict[str, dict[str, str | None]]:
    def read(url: str) -> dict[str, str | None]:
        worker = client.only(url)
        return {name: worker.get_logger_level(name) for name in wanted}

    return dict(zip(client.urls, _all(in_parallel(read, client.urls)), strict=True))


def _set_on_workers(client: ConnectClient, wanted: Mapping[str, str], pending: Mapping[str, list[str]]) -> None:
    def write(url: str) -> None:
        worker = client.only(url)
        for name in pending[url]:
            worker.set_logger_level(name, wanted[name], "worker")

    _all(in_parallel(write, pending))


def _set_in_cluster(
    client: ConnectClient, wanted: Mapping[str, str], names: list[str], timeout: float, progress: Callable[[str], None]
) -> None:
    for name in names:
        client.set_logger_level(name, wanted[name], "cluster")

    def look() -> tuple[bool | None, str]:
        # Each worker learns of it from the configuration topic, in its own time.
        behind = [
            f"{url} has {name} at {levels[name]}"
            for url, levels in _get_levels(client, wanted).items()
            for name in wanted
            if levels[name] != wanted[name]
        ]
        return (None, "; ".join(behind)) if behind else (True, "")

    wait_until(look, what="the workers to take the levels over", timeout=timeout, progress=progress)


def _all(outcomes: list[Any]) -> list[Any]:
    for outcome in outcomes:
        if isinstance(outcome, PipelineError):
            raise outcome
    return outcomes


OPERATION = Operation(ARGUMENT_SPEC, run, CONNECTION_RULES)
