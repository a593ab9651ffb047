# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of whatever sends events, ``log_event`` and ``loggy_commute`` alike: the only place that reads them."""

from __future__ import annotations

import math
import re
import socket
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InvalidInput
from ..forward.options import FORWARD_SPEC, Forward, forward_destination
from .writers import FileWriter, ForwardWriter, LinesWriter, Writer

SENDING_SPEC: dict[str, Any] = {
    "run": {"type": "str"},
    "producer": {"type": "str"},
    "rate": {"type": "float", "default": 0.0},
    "file": {
        "type": "dict",
        "options": {"path": {"type": "path", "required": True}, "fsync": {"type": "bool", "default": False}},
    },
    "forward": FORWARD_SPEC,
}
SENDING_RULES: dict[str, Any] = {"mutually_exclusive": [["file", "forward"]]}

# One word for Elasticsearch's standard tokenizer too, so that a term query finds it in an analysed field.
_RUN = re.compile(r"[0-9a-z_]{1,64}")


@dataclass(frozen=True)
class File:
    path: Path
    fsync: bool


@dataclass(frozen=True)
class Sending:
    """:param to: None: the lines are kept for the result.
    :param rate: events per second; 0: as fast as it goes.
    """

    run: str
    producer: str
    rate: float
    to: File | Forward | None

    @property
    def destination(self) -> str:
        """In words."""
        if isinstance(self.to, Forward):
            return f"forward {self.to.address} tag {self.to.tag}"
        return f"file {self.to.path}" if self.to else "result"

    def writer(self, *, until: float = math.inf) -> Writer:
        """:param until: a time of the monotonic clock at which waiting for acks ends."""
        if isinstance(self.to, Forward):
            return ForwardWriter(self.to, until=until)
        return FileWriter(self.to.path, fsync=self.to.fsync) if self.to else LinesWriter()


def sending(params: Mapping[str, Any]) -> Sending:
    """:param params: the values of SENDING_SPEC."""
    run = params["run"] or uuid.uuid4().hex
    if not _RUN.fullmatch(run):
        raise InvalidInput(
            f"run is {run!r}: a run id has 1 to 64 characters out of 0-9, a-z and _.",
            advice="Leave run out to get one that no other run has.",
        )
    producer = params["producer"] or socket.gethostname()
    if len(producer) > 255:
        raise InvalidInput(f"producer has {len(producer)} characters; 255 is the most.")
    if not 0 <= params["rate"] < math.inf:
        raise InvalidInput(f"rate is {params['rate']}: events per second, 0 for as fast as it goes.")
    return Sending(run, producer, params["rate"], _destination(params))


def _destination(params: Mapping[str, Any]) -> File | Forward | None:
    if params["forward"]:
        return forward_destination(params["forward"])
    if params["file"]:
        path = Path(params["file"]["path"])
        if path.is_dir():
            raise InvalidInput(f"file.path {path} is a folder.", advice="Name a file in it.")
        return File(path, params["file"]["fsync"])
    return None
