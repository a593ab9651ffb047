# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What artifact_folder tells about its plan, carried out or only made. Pure."""

from __future__ import annotations

from typing import Any

from ..operation import Result
from .plan import Manifest, Plan, PlannedFolder
from .tree import Tree

UNKNOWN = "known once they are fetched"


def result_of(plan: Plan) -> Result:
    return {
        "changed": bool(plan.to_make or plan.removed),
        "folders": [_folder(planned) for planned in plan.folders],
        "removed": [str(path) for path in plan.removed],
        "diff": {
            "before": {
                **{str(planned.folder.path): _before(planned.before) for planned in plan.to_make if planned.before},
                **{str(path): _before(manifest) for path, manifest in plan.removed.items()},
            },
            "after": {
                str(planned.folder.path): _content([record.label for record in planned.records], planned.after)
                for planned in plan.to_make
            },
        },
    }


def _folder(planned: PlannedFolder) -> dict[str, Any]:
    return {
        "path": str(planned.folder.path),
        "changed": bool(planned.reason),
        "reason": planned.reason,
        "files": len(planned.after) if planned.after is not None else None,
        "artifacts": [record.label for record in planned.records],
    }


def _before(manifest: Manifest | None) -> dict[str, Any]:
    if manifest is None:
        return _content([], None)
    return _content([record.label for record in manifest.records], manifest.files)


def _content(labels: list[str], files: Tree | None) -> dict[str, Any]:
    return {
        "artifacts": labels,
        "files": UNKNOWN if files is None else {name: entry.digest for name, entry in sorted(files.items())},
    }
