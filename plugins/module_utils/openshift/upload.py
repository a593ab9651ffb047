# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends what a build is made of, as it is read, and tells how far it is. Knows nothing of what becomes of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from ..errors import UnexpectedAnswer
from ..http import HttpClient
from ..kubernetes.client import Object
from ..kubernetes.credentials import credentials
from .archive import Archive

BUILD_API = "build.openshift.io/v1"
_TOLD_EVERY_SECONDS = 2.0
_MIB = 1024 * 1024


def upload(
    connection: Mapping[str, Any],
    namespace: str,
    config: str,
    archive: Archive,
    *,
    commit: str,
    timeout: float,
    progress: Callable[[str], None],
) -> Object:
    """The Build that the API server made of it. It answers when the build's pod has taken the last byte.

    :param connection: values of CONNECTION_SPEC.
    :param commit: by which the build is known again (spec.revision.git.commit).
    :param timeout: seconds for which it may take or answer nothing: until the pod runs, it takes nothing.
    """
    who = credentials(connection)
    http = HttpClient([who.url], api="the Kubernetes API server", tls=who.tls, headers=who.headers, proxy=who.proxy)
    place = f"/apis/{BUILD_API}/namespaces/{quote(namespace, safe='')}/buildconfigs/{quote(config, safe='')}"
    # Without asFile: with it, the archive would not be unpacked, but lie in the build as a file of that name.
    answer = http.send(
        f"{place}/instantiatebinary",
        _told(archive, f"uploading to BuildConfig {config}", progress),
        query={"name": config, "namespace": namespace, "revision.commit": commit},
        content_type="application/gzip",
        timeout=timeout,
    )
    if not isinstance(answer.data, dict) or answer.data.get("kind") != "Build":
        raise UnexpectedAnswer(f"{answer.url} answered with JSON that is no Build.", advice="Is this OpenShift?")
    return answer.data


def _told(archive: Archive, what: str, progress: Callable[[str], None]) -> Iterator[bytes]:
    at = time.monotonic()
    for block in archive.compressed():
        yield block
        if time.monotonic() - at >= _TOLD_EVERY_SECONDS:
            at = time.monotonic()
            progress(f"{what}: {archive.done / _MIB:.1f} of {archive.total / _MIB:.1f} MiB")
    progress(f"{what}: all {archive.total / _MIB:.1f} MiB are sent")
