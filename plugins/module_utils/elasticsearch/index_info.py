# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation of elasticsearch_index_info: waits for the cluster when told to, then lists its indices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..operation import Context, Operation, Result
from . import options
from .client import Elasticsearch
from .cluster import get_health, get_release, wait_for_status
from .dialect import dialect_of
from .indices import list_indices

ARGUMENT_SPEC: dict[str, Any] = {
    **options.ARGUMENT_SPEC,
    "index": {"type": "list", "elements": "str", "default": ["*"]},
    "hidden": {"type": "bool", "default": False},
    "wait_for_status": {"type": "str", "choices": ["yellow", "green"]},
    "wait_timeout": {"type": "float", "default": 60.0},
}


def run(params: Mapping[str, Any], context: Context) -> Result:
    server = Elasticsearch(options.connection(params))
    if params["wait_for_status"]:
        health = wait_for_status(server, params["wait_for_status"], params["wait_timeout"], context.progress)
    else:
        health = get_health(server)
    release = get_release(server)
    indices = list_indices(server, params["index"], dialect_of(release), hidden=params["hidden"])
    return {
        "changed": False,
        "indices": [asdict(index) for index in indices],
        "cluster": {
            "name": health.cluster,
            **{key: value for key, value in asdict(health).items() if key != "cluster"},
        },
        "server": asdict(release),
    }


OPERATION = Operation(argument_spec=ARGUMENT_SPEC, run=run, rules=options.RULES)
