# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Elasticsearch without the pipeline's connectors: fresh indices, what is in them, and plain bulk requests."""

from __future__ import annotations

import base64
import http.client
import itertools
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.bench.events import CHUNK, documents
from tests.bench.measure import wait_until
from tests.pipeline import Pipeline

BULK = 5_000


@contextmanager
def index(pipeline: Pipeline, name: str) -> Iterator[str]:
    """The name of an index that is not there yet, and that goes afterwards."""
    yield name
    requests.delete(f"{pipeline.elasticsearch_url}/{name}", timeout=60).raise_for_status()


def wait_for(pipeline: Pipeline, name: str, expected: int) -> None:
    """Asks for the count of index operations: that costs no refresh, and no search that would bring one about. Asked
    more often, on a connection of its own each time, it took a tenth of a core from what is measured.
    """
    url = f"{pipeline.elasticsearch_url}/{name}/_stats/indexing?filter_path=_all.primaries.indexing.index_total"
    session = requests.Session()

    def operations() -> int:
        try:
            shards = session.get(url, timeout=60).json().get("_all", {}).get("primaries", {})
        except requests.RequestException:
            return 0
        return int(shards.get("indexing", {}).get("index_total", 0))

    with session:
        wait_until(lambda: operations() >= expected, f"{name} has {expected} documents", pause=0.25)


def searchable(pipeline: Pipeline, name: str) -> int:
    url = f"{pipeline.elasticsearch_url}/{name}"
    requests.post(f"{url}/_refresh", timeout=120).raise_for_status()
    return int(requests.get(f"{url}/_count", timeout=120).json()["count"])


class PlainBulk:
    """Bulk requests from a file that has them ready, so that this process has next to nothing to do.

    :param as_indexed: with the ids and stamps that the sink gives to documents, which cost Elasticsearch a look for the
        id and four more fields; without, as they were sent, and under ids that Elasticsearch makes.
    """

    def __init__(self, pipeline: Pipeline, folder: Path, count: int, *, as_indexed: bool) -> None:
        self._port = pipeline.ports["loggy_elasticsearch_port"]
        self._file = folder / f"bulk-{as_indexed}-{count}.ndjson"
        self._ends = [0]
        with self._file.open("wb") as file:
            lines = itertools.islice(_as_indexed() if as_indexed else _as_sent(), count)
            while batch := list(itertools.islice(lines, BULK)):
                file.write(b"".join(batch))
                self._ends.append(file.tell())

    def send(self, name: str, concurrency: int) -> None:
        """Returns when every request is answered, without an error for any item."""
        parts = iter(list(itertools.pairwise(self._ends)))
        lock = threading.Lock()
        failures: list[str] = []

        def work() -> None:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
            with self._file.open("rb") as file:
                while not failures:
                    with lock:
                        part = next(parts, None)
                    if part is None:
                        return
                    file.seek(part[0])
                    failures.extend(_post(connection, name, file.read(part[1] - part[0])))

        threads = [threading.Thread(target=work) for _ in range(concurrency)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures, failures[0]


def _post(connection: http.client.HTTPConnection, name: str, body: bytes) -> list[str]:
    path = f"/{name}/_bulk?filter_path=errors,items.*.error"
    try:
        connection.request("POST", path, body, {"Content-Type": "application/x-ndjson"})
        answer = connection.getresponse().read()
    except OSError as error:
        return [f"POST {path}: {error!r}"]
    return [] if b'"errors":false' in answer else [answer[:500].decode(errors="replace")]


def _as_sent() -> Iterator[bytes]:
    for document in itertools.cycle(documents()):
        yield b'{"index":{}}\n' + document + b"\n"


def _as_indexed() -> Iterator[bytes]:
    stamp = ',"kafka":{"topic":"bench-documents","partition":%d,"offset":%d,"timestamp":"%s"},"@timestamp":"%s"}\n'
    chunk = ""
    for number, document in enumerate(itertools.cycle(documents())):
        if number % CHUNK == 0:
            chunk = base64.b64encode(uuid.uuid4().bytes).decode()
        time = f"2026-01-01T00:00:00.{number // 100 % 1000:03}Z"
        action = f'{{"index":{{"_id":"{chunk}:{number % CHUNK}"}}}}\n'
        stamped = stamp % (number // CHUNK % 3, number // 3, time, time)
        yield action.encode() + document[:-1] + stamped.encode()
