# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plug-ins of this checkout as archives by URL, which pods of the test cluster reach on this machine."""

from __future__ import annotations

import hashlib
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.cluster import node, pipeline_images


class PluginServer:
    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        self._url = url

    def plugins(self, tag: str) -> list[dict[str, Any]]:
        """As connect_plugins takes them.

        :param tag: is in the file .tag of each; another one is another archive under the same URL.
        """
        return [{"name": name, "artifacts": [self._artifact(name, tag)]} for name in pipeline_images.PLUGINS]

    def archive(self, name: str) -> Path:
        return self._folder / f"{name}.tgz"

    def _artifact(self, name: str, tag: str) -> dict[str, str]:
        (self._folder / ".tag").write_text(tag, encoding="utf-8")
        with tarfile.open(self.archive(name), "w:gz") as tar:
            tar.add(self._folder / ".tag", ".tag")
            for file in sorted(pipeline_images.plugin(name).iterdir()):
                tar.add(file, file.name)
        digest = hashlib.sha512(self.archive(name).read_bytes()).hexdigest()
        return {"url": f"{self._url}/{name}.tgz", "checksum": f"sha512:{digest}"}


@contextmanager
def plugin_server(folder: Path) -> Iterator[PluginServer]:
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    server = ThreadingHTTPServer((node.HOST_ADDRESS, 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield PluginServer(folder, f"http://{node.HOST_ADDRESS}:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
