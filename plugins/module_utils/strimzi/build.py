# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plug-in as the role declares it, as Strimzi's spec.build takes it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from ..errors import InvalidInput

_SHA512 = "sha512:"


def build_plugins(plugins: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """:param plugins: name, and artifacts with url and checksum, or maven.

    :raises InvalidInput: for an artefact that Strimzi could not fetch, or not verify.
    """
    return [
        {"name": one["name"], "artifacts": [_artifact(one["name"], artifact) for artifact in one["artifacts"]]}
        for one in plugins
    ]


def _artifact(plugin: str, artifact: Mapping[str, Any]) -> dict[str, Any]:
    if "maven" in artifact:
        return _maven(plugin, artifact)
    if "url" not in artifact:
        given = next((name for name in ("project", "path") if name in artifact), "nothing")
        raise InvalidInput(
            f"connect_plugins: {plugin} is given as {given}, and Strimzi builds its image from what it can fetch.",
            advice="Give each artifact a url and a checksum, or maven; or set connect_plugins_method to image.",
        )
    checksum = str(artifact.get("checksum", ""))
    if not checksum.startswith(_SHA512):
        raise InvalidInput(
            f"connect_plugins: {plugin}: {artifact['url']} has no checksum that Strimzi knows.",
            advice="Give checksum as sha512: and 128 hexadecimal digits.",
        )
    kind = _kind(plugin, str(artifact["url"]))
    return {"type": kind, "url": artifact["url"], "sha512sum": checksum.removeprefix(_SHA512).lower()}


def _kind(plugin: str, url: str) -> str:
    path = urlsplit(url).path
    kinds = {".jar": "jar", ".zip": "zip", ".tgz": "tgz", ".tar.gz": "tgz"}
    for suffix, kind in kinds.items():
        if path.endswith(suffix):
            return kind
    raise InvalidInput(f"connect_plugins: {plugin}: {url} is no jar, zip, tgz or tar.gz.", advice="Name such a file.")


def _maven(plugin: str, artifact: Mapping[str, Any]) -> dict[str, Any]:
    coordinates = artifact["maven"] if isinstance(artifact["maven"], str) else " ".join(artifact["maven"])
    parts = coordinates.split(":")
    if len(parts) != 3:
        raise InvalidInput(
            f"connect_plugins: {plugin}: Strimzi takes one group:artifact:version, and not {coordinates!r}.",
            advice="Give each coordinate an artifact of its own.",
        )
    group, name, version = parts
    return {"type": "maven", "group": group, "artifact": name, "version": version}
