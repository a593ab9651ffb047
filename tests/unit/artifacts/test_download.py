# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Artefacts from a web server: what is kept, and how each failure is told."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput, NotFound, Unreachable

from tests.unit.artifacts.machine import Machine
from tests.unit.artifacts.samples import held, make_zip, sha256


class Web:
    """Serves the files of a folder, and counts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.requests = 0
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web.requests += 1
                path = web.folder / self.path.lstrip("/").partition("?")[0]
                if not path.is_file():
                    self.send_error(404)
                    return
                content = path.read_bytes()
                self.send_response(200)
                # The name promises a file that breaks off.
                self.send_header("Content-Length", str(len(content) + ("broken" in path.name)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    (tmp_path / "web").mkdir()
    web = Web(tmp_path / "web")
    yield web
    web.close()


def declare(path: str, url: str, checksum: str) -> dict[str, Any]:
    return {"path": path, "artifacts": [{"url": url, "checksum": f"sha256:{checksum}"}]}


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_a_download_is_verified_unpacked_and_kept(machine: Machine, web: Web, scheme: str) -> None:
    archive = make_zip(web.folder / "x.zip", {"a.jar": "a"})
    url = f"{web.url}/x.zip?signature=geheim" if scheme == "http" else f"file://{archive}"
    result = machine.run(declare("one", url, sha256(archive)))
    assert held(machine.opt / "one") == {"a.jar": "a"}
    assert "geheim" not in str(result)
    declared = declare("two", f"{web.url}/another-mirror/x.zip", sha256(archive))
    archive.unlink()
    machine.run(declared)
    assert held(machine.opt / "two") == {"a.jar": "a"}
    assert web.requests == (scheme == "http")


def test_a_wrong_checksum_is_refused_and_not_kept(machine: Machine, web: Web) -> None:
    (web.folder / "x.jar").write_text("evil")
    with pytest.raises(InvalidInput, match=rf"The checksum of {web.url}/x.jar is wrong: declared sha256:000"):
        machine.run(declare("one", f"{web.url}/x.jar", "0" * 64))
    assert list(machine.opt.iterdir()) == []
    with pytest.raises(InvalidInput):
        machine.run(declare("one", f"{web.url}/x.jar", "0" * 64))
    assert web.requests == 2


def test_a_download_that_breaks_off_is_refused(machine: Machine, web: Web) -> None:
    (web.folder / "broken.jar").write_text("half")
    with pytest.raises((InvalidInput, Unreachable), match=f"{web.url}/broken.jar"):
        machine.run(declare("one", f"{web.url}/broken.jar", "0" * 64))


def test_a_missing_file_is_told_with_its_status(machine: Machine, web: Web) -> None:
    with pytest.raises(NotFound, match=rf"GET {web.url}/x.jar answered 404: Not Found Correct the URL."):
        machine.run(declare("one", f"{web.url}/x.jar", "0" * 64))


def test_an_unreachable_server_is_told_without_the_password(machine: Machine) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(Unreachable) as failed:
            machine.run(declare("one", f"http://user:geheim@127.0.0.1:{port}/x.jar", "0" * 64))
    assert f"GET http://***@127.0.0.1:{port}/x.jar did not give the file: [Errno 111] Connection refused." in str(
        failed.value
    )
    assert "geheim" not in str(failed.value) + str(failed.value.details)
