# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an image has to be built, why, and what it is called then. Pure: objects of the API go in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InvalidInput, NotReady

Object = Mapping[str, Any]
#: On the ImageStream, since they go with it: what was uploaded last, and the image that it became.
UPLOADED, IMAGE = "loggy.pipeline/uploaded", "loggy.pipeline/image"


def noted(stream: Object | None) -> tuple[str, str]:
    """Digest and image of the last build of ours; empty where there was none."""
    annotations = ((stream or {}).get("metadata") or {}).get("annotations") or {}
    return str(annotations.get(UPLOADED, "")), str(annotations.get(IMAGE, ""))


def reason_to_build(stream: Object | None, digest: str) -> str:
    """Empty when the image that is there is the one that would be built."""
    before, image = noted(stream)
    if not before or not image:
        return "nothing was built yet"
    if before != digest:
        return "what it is made of changed"
    if image.rpartition("@")[2] not in {item.get("image") for item in _items(stream)}:
        return f"{image} is gone from the ImageStream"
    return ""


def output_of(config: Object) -> tuple[str, str]:
    """The ImageStream that a BuildConfig writes to, and the tag.

    :raises InvalidInput: it writes to none of its own namespace.
    """
    about = config["metadata"]
    to = ((config.get("spec") or {}).get("output") or {}).get("to") or {}
    name, _colon, tag = str(to.get("name", "")).partition(":")
    if to.get("kind") != "ImageStreamTag" or not tag or to.get("namespace", about["namespace"]) != about["namespace"]:
        raise InvalidInput(
            f"BuildConfig {about['name']} in namespace {about['namespace']} writes to no ImageStreamTag there.",
            advice="Give its spec.output.to the kind ImageStreamTag and a name such as plugins:latest.",
        )
    return name, tag


def image_of(build: Object, stream: Object, tag: str) -> str:
    """By digest. Not every registry tells the builder of one; the ImageStream has it then.

    :raises NotReady: neither knows it.
    """
    status = build.get("status") or {}
    digest = ((status.get("output") or {}).get("to") or {}).get("imageDigest")
    items = _items(stream, tag)
    for item in items[: None if digest else 1]:
        if digest in (None, item.get("image")) and item.get("dockerImageReference"):
            return str(item["dockerImageReference"])
    repository = (stream.get("status") or {}).get("dockerImageRepository")
    if digest and repository:
        return f"{repository}@{digest}"
    raise NotReady(
        f"Build {build['metadata']['name']} is complete, and ImageStream {stream['metadata']['name']} has no image "
        f"at tag {tag}.",
        advice="Has the cluster an image registry? Without one, a build has nowhere to put its image.",
    )


def _items(stream: Object | None, tag: str = "") -> list[Object]:
    """What the tags point or pointed to, the newest of each first."""
    tags = ((stream or {}).get("status") or {}).get("tags") or ()
    return [item for one in tags if tag in ("", one.get("tag")) for item in one.get("items") or ()]
