# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation of strimzi_connector_objects_info: reads what is there, and plans the resources. It changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import Any

from ..connect.apply import wait_until_ready
from ..connect.client import ConnectClient
from ..connect.connectors import ARGUMENT_SPEC as CONNECTORS_SPEC
from ..connect.connectors import shown
from ..connect.model import Connector
from ..connect.options import CONNECTION_RULES as CONNECT_RULES
from ..connect.options import CONNECTION_SPEC as CONNECT_SPEC
from ..connect.options import connect_client, read_desired
from ..connect.validation import password_keys
from ..errors import ApiError, InvalidInput, NotFound, Unauthorized
from ..kubernetes.client import Cluster, Object, UnknownKind, cluster
from ..kubernetes.options import CONNECTION_RULES, CONNECTION_SPEC, LIBRARIES
from ..operation import Context, Operation, Result
from .connectors import ANNOTATION, KIND, Plan, Seen, Target, Wish, plan, release

ARGUMENT_SPEC: dict[str, Any] = {
    **CONNECTION_SPEC,
    "name": {"type": "str", "required": True},
    "namespace": {"type": "str", "required": True},
    "api_version": {"type": "str", "default": "kafka.strimzi.io/v1"},
    "api": {"type": "str", "choices": ["resources", "rest"], "default": "resources"},
    "connectors": {**CONNECTORS_SPEC["connectors"], "required": False, "default": []},
    "labels": {"type": "dict", "required": True},
    "adopt": {"type": "bool", "default": False},
    "purge": {"type": "bool", "default": False},
    "restart_failed": {"type": "bool", "default": True},
    "connect": {"type": "dict", "options": dict(CONNECT_SPEC), **CONNECT_RULES},
    "wait_timeout": {"type": "float", "default": 120},
}


def run(params: Mapping[str, Any], context: Context) -> Result:
    if not params["labels"]:
        raise InvalidInput("labels is empty.", advice="Name the labels that tell what is ours from what is not.")
    target = Target(params["name"], params["namespace"], params["api_version"], params["labels"])
    with closing(cluster(params)) as to:
        connect = _find(to, target)
        seen = Seen(_is_annotated(connect), _resources(to, target, params["api"]))
    if params["api"] == "rest":
        planned = Plan([], [], release(seen, target))
        if seen.annotated and not _plugins(connect):
            raise InvalidInput(
                f"The operator has not observed the annotation {ANNOTATION} of {target} yet, so that nobody can tell "
                "when it lets its connectors go.",
                advice="Wait until it is Ready and lists status.connectorPlugins, then run this again.",
            )
    else:
        # Who is not annotated and can't be asked is left for when he can: in check mode, he may not be there yet.
        is_open = connect is not None and not seen.annotated
        if is_open and params["connect"] is None and not context.check_mode:
            raise InvalidInput(
                f"{target} keeps its connectors over REST, and connect does not say how to ask for them.",
                advice="Without that, nobody knows which ones the operator would delete.",
            )
        if is_open and params["connect"] is not None:
            client = connect_client(params["connect"])
            wait_until_ready(client, params["wait_timeout"], context.progress)
            running = _running(client)
            secret = _secret_keys(client, running) if params["adopt"] else frozenset[str]()
            seen = Seen(seen.annotated, seen.resources, running, secret)
        wish = Wish(params["adopt"], params["purge"], params["restart_failed"])
        planned = plan(read_desired(params), seen, target, wish)
    return {
        "changed": False,
        "exists": connect is not None,
        "annotated": seen.annotated,
        "objects": planned.objects,
        "adopted": planned.adopted,
        "absent": planned.absent,
    }


def _find(to: Cluster, target: Target) -> Object | None:
    try:
        return to.get(target.api_version, "KafkaConnect", target.namespace, target.connect)
    except UnknownKind:
        return None


def _resources(to: Cluster, target: Target, api: str) -> dict[str, Object]:
    try:
        return {one["metadata"]["name"]: one for one in to.list(target.api_version, KIND, target.namespace)}
    except UnknownKind:
        return {}
    except Unauthorized:
        # Who keeps them over REST needs no right on resources, and then has made none.
        if api == "rest":
            return {}
        raise


def _is_annotated(connect: Object | None) -> bool:
    """As the operator reads it."""
    annotations = ((connect or {}).get("metadata") or {}).get("annotations") or {}
    return str(annotations.get(ANNOTATION, "")).lower() == "true"


def _plugins(connect: Object | None) -> list[Object]:
    return ((connect or {}).get("status") or {}).get("connectorPlugins") or []


def _running(client: ConnectClient) -> dict[str, Connector]:
    """All of them: the expanded list leaves out those that no worker has taken yet."""
    running = client.list_connectors()
    for name in sorted(client.list_names() - running.keys()):
        try:
            running[name] = client.get_connector(name)
        except NotFound:
            continue
    return running


def _secret_keys(client: ConnectClient, running: Mapping[str, Connector]) -> frozenset[str]:
    keys: set[str] = set()
    for plugin in sorted({one.connector_class for one in running.values()} - {""}):
        try:
            keys |= password_keys(client.list_config_keys(plugin))
        except ApiError:
            # Its plug-in is not there any more: by their names, then.
            continue
    return frozenset(keys)


OPERATION = Operation(ARGUMENT_SPEC, run, CONNECTION_RULES, shown, LIBRARIES)
