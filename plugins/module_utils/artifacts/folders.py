# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation of artifact_folder: plan every folder, stage all that change, and only then swap them in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import InvalidInput, PipelineError
from ..operation import Context, Operation, Result
from .cache import Cache
from .classes import check_classes
from .declaration import Folder, Request
from .look import everything_below, look_at_folder, not_listed, read_manifest
from .options import ARGUMENT_SPEC, read_request
from .plan import MARKER, Manifest, Plan, PlannedFolder, plan_folder
from .result import result_of
from .scan import scan
from .sources import Store, look_at_artifact
from .swap import discard, leftovers, old_of, restore, staging_of, swap_in


def run(params: Mapping[str, Any], context: Context) -> Result:
    try:
        request = read_request(params)
        plan = make_plan(request)
        if not context.check_mode and (plan.to_make or plan.removed or plan.leftovers):
            cache = Cache(request.cache)
            with cache.locked(request.maven.timeout, context.progress):
                # Another run may have done it while this one waited.
                plan = apply(make_plan(request), Store(cache, request.maven, context.progress))
    except OSError as error:
        raise PipelineError(
            f"The declared folders could not be made: {error}.",
            advice="They are what they were. Look at the path's permissions and at the free space.",
        ) from error
    return result_of(plan)


def make_plan(request: Request) -> Plan:
    targets = [folder.path for folder in request.folders]
    return Plan(
        tuple(_plan_folder(folder) for folder in request.folders),
        {path: read_manifest(path) for path in not_listed(request.exclusive_in, targets)},
        tuple(leftovers(targets, request.exclusive_in)),
    )


def _plan_folder(folder: Folder) -> PlannedFolder:
    seen = look_at_folder(folder)
    manifest = seen.manifest if seen is not None else None
    plan = plan_folder(folder, tuple(look_at_artifact(artifact, manifest) for artifact in folder.artifacts), seen)
    if not plan.reason:
        check_classes(folder.path, folder.path, folder.classes)
    return plan


def apply(plan: Plan, store: Store) -> Plan:
    """The plan as it was carried out. On any failure the folders are what they were."""
    targets = [planned.folder.path for planned in plan.folders]
    # A missing folder's old one is all that is left of it after an interruption, until there is a new one.
    needed = {old_of(target) for target in targets if not target.exists()}
    discard(path for path in plan.leftovers if path not in needed)
    to_make = [planned.folder.path for planned in plan.to_make]
    try:
        made = tuple(_stage(planned, store) if planned.reason else planned for planned in plan.folders)
        swap_in(to_make, list(plan.removed))
    finally:
        discard(staging_of(target) for target in to_make)
        restore(targets)
    return replace(plan, folders=made)


def _stage(planned: PlannedFolder, store: Store) -> PlannedFolder:
    folder, root = planned.folder, staging_of(planned.folder.path)
    root.mkdir(parents=True)
    for artifact, record in zip(folder.artifacts, planned.records, strict=True):
        store.lay(artifact, record, root)
    if (root / MARKER).exists():
        raise InvalidInput(f"An artefact of {folder.path} brings a file {MARKER}, the name of this module's own.")
    check_classes(folder.path, root, folder.classes)
    files = scan(root)
    (root / MARKER).write_text(Manifest(planned.records, files).to_json(), encoding="utf-8")
    _own(root, folder)
    return replace(planned, after=files)


def _own(root: Path, folder: Folder) -> None:
    for path in everything_below(root):
        if path.is_dir() and not path.is_symlink():
            # Not left to the umask: the services that use the files run as other users.
            path.chmod(folder.mode if path == root else 0o755)
        elif path == root / MARKER:
            path.chmod(0o644)
        if folder.owner is not None or folder.group is not None:
            os.lchown(path, -1 if folder.owner is None else folder.owner, -1 if folder.group is None else folder.group)


OPERATION = Operation(ARGUMENT_SPEC, run)
