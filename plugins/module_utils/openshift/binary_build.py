# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation of openshift_binary_build: builds an image from a folder, unless the one there is made of the same."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from ..errors import ApiError, InvalidInput, NotFound, NotReady, PipelineError, Unauthorized, Unreachable
from ..kubernetes.client import Cluster, Object, UnknownKind, cluster
from ..kubernetes.options import CONNECTION_RULES, CONNECTION_SPEC, LIBRARIES
from ..kubernetes.pods import name_of
from ..operation import Context, Operation, Result
from .archive import Archive, items_in
from .builds import builds_of, commit_of, state_of, wait_for
from .plan import IMAGE, UPLOADED, image_of, noted, output_of, reason_to_build
from .upload import BUILD_API, upload

ARGUMENT_SPEC: dict[str, Any] = {
    **CONNECTION_SPEC,
    "namespace": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "path": {"type": "path", "required": True},
    "exclude": {"type": "list", "elements": "str", "default": [".artifact_folder.json"]},
    "inputs": {"type": "list", "elements": "str", "default": []},
    "upload_timeout": {"type": "float", "default": 600.0},
    "wait_timeout": {"type": "float", "default": 900.0},
}
IMAGE_API = "image.openshift.io/v1"
UNKNOWN = "known once it is built"
#: A build whose upload broke off says so a little later than the API server.
_EXPLAIN_SECONDS = 10.0


def run(params: Mapping[str, Any], context: Context) -> Result:
    folder = Path(params["path"])
    is_absent = context.check_mode and not folder.exists()
    archive = Archive([] if is_absent else items_in(folder, params["exclude"]))
    for _block in archive.blocks():
        pass
    digest = archive.digest(params["inputs"])
    with closing(cluster(params)) as to:
        config, stream = _objects(to, params, context)
        before = noted(stream)
        reason = f"there is no folder {folder} yet" if is_absent else reason_to_build(stream, digest)
        build, image = "", before[1]
        if reason and config and stream and not context.check_mode:
            done = _build(to, params, archive, digest, context)
            build, image = name_of(done), _image(to, config, stream, done)
            # Of what was sent, which somebody may have changed since it was looked at.
            digest = archive.digest(params["inputs"])
            _note(to, stream, digest, image)
        elif reason:
            image, digest = UNKNOWN, UNKNOWN if is_absent else digest
    return {
        "changed": bool(reason),
        "reason": reason,
        "digest": digest,
        "image": image,
        "build": build,
        "diff": {
            "before": {"uploaded": before[0], "image": before[1]},
            "after": {"uploaded": digest, "image": image},
        },
    }


def _objects(to: Cluster, params: Mapping[str, Any], context: Context) -> tuple[Object | None, Object | None]:
    """The BuildConfig and its ImageStream. In check mode, either may be still to be made."""
    namespace, name = params["namespace"], params["name"]
    try:
        config = to.get(BUILD_API, "BuildConfig", namespace, name)
        stream = to.get(IMAGE_API, "ImageStream", namespace, output_of(config)[0]) if config else None
    except UnknownKind as error:
        if context.check_mode:
            return None, None
        raise UnknownKind(
            error.message, advice="It builds on OpenShift only, with its capabilities Build and ImageRegistry."
        ) from error
    if not context.check_mode and (config is None or stream is None):
        missing = f"BuildConfig {name}" if config is None else f"ImageStream {output_of(config)[0]}"
        raise InvalidInput(f"There is no {missing} in namespace {namespace}.", advice="Apply it first.")
    return config, stream


def _build(to: Cluster, params: Mapping[str, Any], archive: Archive, digest: str, context: Context) -> Object:
    """:raises PipelineError: it could not be sent or not be built; nothing is noted then, so that it is tried again."""
    namespace, name, commit = params["namespace"], params["name"], digest.removeprefix("sha256:")
    old = {name_of(one) for one in builds_of(to, namespace, name)}
    try:
        build = upload(
            params,
            namespace,
            name,
            archive,
            commit=commit,
            timeout=params["upload_timeout"],
            progress=context.progress,
        )
    except (ApiError, Unreachable) as error:
        begun = [one for one in builds_of(to, namespace, name) if name_of(one) not in old]
        build = _after(to, params, error, [one for one in begun if commit_of(one) in ("", commit)], context)
    return wait_for(params, namespace, name_of(build), timeout=params["wait_timeout"], context=context)


def _image(to: Cluster, config: Object, stream: Object, build: Object) -> str:
    name, tag = output_of(config)
    return image_of(build, to.get(IMAGE_API, "ImageStream", build["metadata"]["namespace"], name) or stream, tag)


def _note(to: Cluster, stream: Object, digest: str, image: str) -> None:
    notes = {"metadata": {"annotations": {UPLOADED: digest, IMAGE: image}}}
    to.patch(IMAGE_API, "ImageStream", stream["metadata"]["namespace"], name_of(stream), notes)


def _after(
    to: Cluster, params: Mapping[str, Any], error: PipelineError, mine: list[Object], context: Context
) -> Object:
    """What began although the upload failed: when only the answer was lost on its way, the build goes on.

    :raises PipelineError: why it failed, in the build's words where it has any.
    """
    if len(mine) == 1:
        name = mine[0]["metadata"]["name"]
        try:
            return wait_for(params, params["namespace"], name, timeout=_EXPLAIN_SECONDS, context=context)
        except NotReady as said:
            if "reason" in said.details:
                raise said from error
            if isinstance(error, Unreachable) and _is_running(to, params["namespace"], name):
                return mine[0]
    state = "; ".join(state_of(to, one) for one in mine) or "no build began"
    raise PipelineError(
        f"Uploading {params['path']} to BuildConfig {params['name']} in namespace {params['namespace']} failed: "
        f"{error.message.rstrip('.')}; {state}.",
        advice="Give the account the right to create buildconfigs/instantiatebinary, or use another one."
        if isinstance(error, Unauthorized)
        else "Only an OpenShift with its capability Build takes uploads (buildconfigs/instantiatebinary)."
        if isinstance(error, NotFound)
        else "A build takes nothing before its pod runs: see oc describe pod, and oc cancel-build for one that hangs.",
        **error.details,
    ) from error


def _is_running(to: Cluster, namespace: str, name: str) -> bool:
    build = to.get(BUILD_API, "Build", namespace, name) or {}
    return (build.get("status") or {}).get("phase") == "Running"


OPERATION = Operation(argument_spec=ARGUMENT_SPEC, run=run, rules=CONNECTION_RULES, libraries=LIBRARIES)
