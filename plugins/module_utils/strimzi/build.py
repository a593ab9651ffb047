# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plug-in as the role declares it, as Strimzi's spec.build and spec.plugins take it. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from ..errors import InvalidInput

_SHA512 = "sha512:"
_NAME = re.compile("[a-z0-9][-_a-z0-9]*[a-z0-9]")
_PULL_POLICIES = ("Always", "IfNotPresent", "Never")


def build_plugins(plugins: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """:param plugins: name, and artifacts with url and checksum, or maven.

    :raises InvalidInput: for an artefact that Strimzi could not fetch, or not verify.
    """
    return [
        {"name": one["name"], "artifacts": [_artifact(one["name"], artifact) for artifact in one["artifacts"]]}
        for one in plugins
    ]


def volume_plugins(plugins: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """:param plugins: name, and artifacts with image, and pull_policy where it matters.

    :raises InvalidInput: for what is in no image, or what Strimzi or the kubelet would refuse later.
    """
    often = [str(name) for name, count in Counter(one["name"] for one in plugins).items() if count > 1]
    if often:
        raise InvalidInput(f"connect_plugins: {', '.join(often)} is there more than once.", advice="Name each once.")
    return [
        {"name": _name(one["name"]), "artifacts": [_image(one["name"], artifact) for artifact in _some(one)]}
        for one in plugins
    ]


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"connect_plugins: {name!r} can't name a volume.",
            advice="Take small letters, digits, - and _, two at least, with a letter or a digit at either end.",
        )
    return name


def _some(plugin: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    if not plugin["artifacts"]:
        raise InvalidInput(f"connect_plugins: {plugin['name']} has no artifacts.", advice="Give it one with an image.")
    artifacts: Sequence[Mapping[str, Any]] = plugin["artifacts"]
    return artifacts


def _image(plugin: str, artifact: Mapping[str, Any]) -> dict[str, Any]:
    if not artifact.get("image"):
        given = next((name for name in ("project", "path", "url", "maven") if name in artifact), "nothing")
        raise InvalidInput(
            f"connect_plugins: {plugin} is given as {given}, and a volume is made of an image.",
            advice="Give each artifact an image, by digest where you can; set connect_plugins_own to [] when the "
            "pipeline's own are in none.",
        )
    policy = artifact.get("pull_policy")
    if policy not in (None, *_PULL_POLICIES):
        raise InvalidInput(
            f"connect_plugins: {plugin}: there is no pull_policy {policy!r}.",
            advice=f"It is one of {', '.join(_PULL_POLICIES)}.",
        )
    return {"type": "image", "reference": artifact["image"], **({"pullPolicy": policy} if policy else {})}


def _artifact(plugin: str, artifact: Mapping[str, Any]) -> dict[str, Any]:
    if "maven" in artifact:
        return _maven(plugin, artifact)
    if "url" not in artifact:
        given = next((name for name in ("project", "path", "image") if name in artifact), "nothing")
        raise InvalidInput(
            f"connect_plugins: {plugin} is given as {given}, and Strimzi builds its image from what it can fetch.",
            advice="Give each artifact a url and a checksum, or maven; or choose another connect_plugins_method.",
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
