# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a KafkaConnector says of its connector and its tasks. Pure.

The operator looks at a connector when something changes, and each two minutes: its status is as old as that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..connect.health import failure, is_as_wanted, summary
from ..connect.model import Connector
from ..kubernetes.conditions import Judgement, judge

#: As long as the KafkaConnect has no annotation, or was not there, the operator says this.
_UNKNOWN_CONNECT = "NoSuchResourceException"
#: The operator restarts what failed at once, then after 2 minutes, 6, 12: what fails again is not healed by that.
_RESTARTS = 2


def judge_connector(thing: Mapping[str, Any]) -> Judgement:
    """:param thing: a KafkaConnector, whole."""
    judged = judge(thing)
    if not judged.ready and not judged.failed:
        return judged
    connector = connector_of(thing)
    if judged.failed and judged.failed.startswith(_UNKNOWN_CONNECT):
        return Judgement(False, "", "the operator has not taken it up yet")
    if judged.failed and connector.has_failed:
        words = f"{judged.failed.rstrip('.')}\n{failure(connector)}"
        return Judgement(False, "", summary(connector)) if _is_healing(thing) else judged._replace(failed=words)
    wanted = (thing.get("spec") or {}).get("state") or "running"
    if judged.ready and not is_as_wanted(connector, wanted):
        return Judgement(False, "", summary(connector))
    return judged


def connector_of(thing: Mapping[str, Any]) -> Connector:
    status = (thing.get("status") or {}).get("connectorStatus") or {}
    return Connector.from_json(thing["metadata"]["name"], {"config": {}}, status)


def _is_healing(thing: Mapping[str, Any]) -> bool:
    restarts = ((thing.get("status") or {}).get("autoRestart") or {}).get("count") or 0
    is_restarted = bool(((thing.get("spec") or {}).get("autoRestart") or {}).get("enabled"))
    return is_restarted and int(restarts) < _RESTARTS
