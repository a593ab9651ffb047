# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""As much of OpenShift as a binary build takes: it unpacks what is uploaded, and plays what a build goes through."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.unit.fakes.api_server import ApiServer, _Handler
from tests.unit.kubernetes.fake_objects import KINDS, NAMESPACE, Kind, Object, Refused

OPENSHIFT = [
    Kind("build.openshift.io/v1", "BuildConfig", "buildconfigs"),
    Kind("build.openshift.io/v1", "Build", "builds"),
    Kind("image.openshift.io/v1", "ImageStream", "imagestreams"),
]
REPOSITORY = f"images.internal:5000/{NAMESPACE}/plugins"


class BuildServer(ApiServer):
    """:param uploads: the bytes of each; :param queries: of each; :param refuses: answers an upload with, unread;
    :param loses: whether the answer to an upload is lost; :param takes: bytes of an upload before it breaks off.
    :param plays: what becomes of a build, by its name; it runs beside the test.
    """

    def __init__(self) -> None:
        super().__init__()
        self._server.RequestHandlerClass = type("Handler", (_BuildHandler,), {"fake": self})
        self.uploads: list[bytes] = []
        self.blocks: list[int] = []
        self.queries: list[dict[str, str]] = []
        self.refuses: Refused | None = None
        self.loses = False
        self.takes = 0
        self.plays: Callable[[str], None] = self.succeed
        about = {"name": "plugins", "labels": {"mine": "yes"}}
        to = {"kind": "ImageStreamTag", "name": "plugins:latest"}
        self.put({"apiVersion": "image.openshift.io/v1", "kind": "ImageStream", "metadata": about, "spec": {}})
        self.put(
            {
                "apiVersion": "build.openshift.io/v1",
                "kind": "BuildConfig",
                "metadata": about,
                "spec": {"output": {"to": to}, "source": {"type": "Binary"}},
            }
        )

    def begin(self, query: dict[str, str], phase: str = "Running") -> Object:
        name = f"plugins-{len([1 for plural, *_rest in self._objects if plural == 'builds']) + 1}"
        return self.put(
            {
                "apiVersion": "build.openshift.io/v1",
                "kind": "Build",
                "metadata": {
                    "name": name,
                    "labels": {"openshift.io/build-config.name": "plugins"},
                    "annotations": {"openshift.io/build.pod-name": f"{name}-build"},
                },
                "spec": {"revision": {"git": {"commit": query["revision.commit"]}}},
                "status": {"phase": phase},
            }
        )

    def succeed(self, name: str) -> None:
        image = f"sha256:{name:0>64}"
        item = {"image": image, "dockerImageReference": f"{REPOSITORY}@{image}"}
        self.change("imagestreams", "plugins", {"status": {"tags": [{"tag": "latest", "items": [item]}]}})
        self.change("builds", name, {"status": {"phase": "Complete", "output": {"to": {"imageDigest": image}}}})

    def fail(self, name: str, phase: str = "Failed") -> None:
        ended = {"terminated": {"exitCode": 1, "reason": "Error"}}
        self.put(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": f"{name}-build"},
                "status": {
                    "phase": "Failed",
                    "initContainerStatuses": [{"name": "git-clone", "state": {"terminated": {"exitCode": 0}}}],
                    "containerStatuses": [{"name": "docker-build", "state": ended}],
                },
            }
        )
        self.logs[f"{name}-build", "docker-build", False] = "".join(f"line {number}\n" for number in range(40))
        told = {"phase": phase, "reason": "DockerBuildFailed", "message": "Docker build strategy has failed."}
        self.change("builds", name, {"status": told})

    def annotations(self) -> dict[str, str]:
        stream = self.find("imagestreams", NAMESPACE, "plugins") or {}
        found: dict[str, str] = stream["metadata"].get("annotations", {})
        return found

    def posts(self) -> list[str]:
        return [one for one in self.asked if not one.startswith("GET ")]


class _BuildHandler(_Handler):
    fake: BuildServer

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        if not parts.path.endswith("/buildconfigs/plugins/instantiatebinary"):
            self._answer()
            return
        self.fake.asked.append(f"POST {self.path}")
        if self.fake.refuses:
            self.close_connection = True
            self._say(self.fake.refuses.code, self.fake.refuses.status)
            return
        query = dict(parse_qsl(parts.query))
        build = self.fake.begin(query)
        name = build["metadata"]["name"]
        body = b"".join(self._blocks(self.fake.takes))
        if self.fake.takes:
            self.fake.fail(name)
            self.close_connection = True
            return
        self.fake.uploads.append(body)
        self.fake.queries.append(query)
        if self.fake.loses:
            self.close_connection = True
        else:
            self._say(201, build)
        threading.Thread(target=self._play, args=(name,), daemon=True).start()

    def _play(self, name: str) -> None:
        time.sleep(0.05)
        self.fake.plays(name)

    def _blocks(self, most: int) -> Iterator[bytes]:
        assert self.headers["Transfer-Encoding"] == "chunked"
        taken = 0
        while size := int(self.rfile.readline(), 16):
            self.fake.blocks.append(size)
            yield self.rfile.read(size)
            self.rfile.readline()
            taken += size
            if most and taken >= most:
                return
        self.rfile.readline()

    def _say(self, status: int, answer: Object) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)


@contextmanager
def build_server() -> Iterator[BuildServer]:
    KINDS.extend(OPENSHIFT)
    fake = BuildServer()
    try:
        yield fake
    finally:
        fake.stop()
        for kind in OPENSHIFT:
            KINDS.remove(kind)


def unpacked(upload: bytes) -> dict[str, bytes]:
    """The files by name."""
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(upload))) as tar:
        return {one.name: read(tar, one) for one in tar if one.isfile()}


def read(tar: tarfile.TarFile, one: tarfile.TarInfo) -> Any:
    file = tar.extractfile(one)
    assert file is not None
    return file.read()
