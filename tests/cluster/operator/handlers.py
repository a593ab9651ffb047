# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What kopf watches, and whose resource is looked at then. It also runs with `kopf run -m`: see README.md.

Only events are used: kopf's other handlers would leave annotations and finalizers on resources, where Strimzi has none.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import kopf
from aiohttp import web

from tests.cluster.operator import settings
from tests.cluster.operator.api import Api
from tests.cluster.operator.steps import RECONCILE, Key, Steps
from tests.cluster.operator.work import Work

_STRIMZI = ("kafka.strimzi.io", "v1")
_CLUSTER = "strimzi.io/cluster"
_KIND = "strimzi.io/kind"

_seen: dict[tuple[str, str], Any] = {}


@kopf.on.startup()
async def start(settings: kopf.OperatorSettings, memo: kopf.Memo, **_: Any) -> None:
    for name in ("kopf.objects", "kafka", "aiohttp.access"):
        logging.getLogger(name).setLevel(logging.WARNING)
    settings.posting.enabled = False
    settings.scanning.disabled = True
    api = Api()
    await asyncio.to_thread(_list_all, api)
    memo.work = Work(Steps(api).step)
    memo.web = await _serve()


@kopf.on.cleanup()
async def stop(memo: kopf.Memo, **_: Any) -> None:
    memo.work.stop()
    await memo.web.cleanup()


@kopf.on.event(*_STRIMZI, "kafkas")
@kopf.on.event(*_STRIMZI, "kafkaconnects")
@kopf.on.event(*_STRIMZI, "kafkatopics")
@kopf.on.event(*_STRIMZI, "kafkausers")
async def resource_changed(type: str | None, body: kopf.Body, memo: kopf.Memo, **_: Any) -> None:
    if _is_news(type, body):
        metadata = body["metadata"]
        memo.work.add(Key(body["kind"], metadata["namespace"], metadata["name"]))


@kopf.on.event(*_STRIMZI, "kafkanodepools", labels={_CLUSTER: kopf.PRESENT})
async def pool_changed(type: str | None, body: kopf.Body, memo: kopf.Memo, **_: Any) -> None:
    if _is_news(type, body):
        metadata = body["metadata"]
        memo.work.add(Key("Kafka", metadata["namespace"], metadata["labels"][_CLUSTER]))


@kopf.on.event(*_STRIMZI, "kafkaconnectors", labels={_CLUSTER: kopf.PRESENT})
async def connector_changed(type: str | None, body: kopf.Body, memo: kopf.Memo, **_: Any) -> None:
    """One that is gone is its KafkaConnect's affair."""
    if _is_news(type, body):
        metadata = body["metadata"]
        memo.work.add(Key("KafkaConnector", metadata["namespace"], metadata["name"]))
        if type == "DELETED":
            memo.work.add(Key("KafkaConnect", metadata["namespace"], metadata["labels"][_CLUSTER]))


@kopf.on.event("v1", "pods", labels={_CLUSTER: kopf.PRESENT, _KIND: kopf.PRESENT})
async def pod_changed(body: kopf.Body, memo: kopf.Memo, **_: Any) -> None:
    metadata = body["metadata"]
    if metadata["labels"][_KIND] in RECONCILE:
        memo.work.add(Key(metadata["labels"][_KIND], metadata["namespace"], metadata["labels"][_CLUSTER]))


def _is_news(event: str | None, body: kopf.Body) -> bool:
    """Not when only the status changed, which is our own doing."""
    metadata = body["metadata"]
    state = {name: metadata.get(name) for name in ("generation", "labels", "annotations", "deletionTimestamp")}
    key = (str(body["kind"]), str(metadata["uid"]))
    if event == "DELETED":
        _seen.pop(key, None)
        return True
    is_news = _seen.get(key) != state
    _seen[key] = state
    return is_news


def _list_all(api: Api) -> None:
    """Fails, and so ends the operator, when definitions or rights are missing: kopf would wait in silence."""
    for kind in (*RECONCILE, "KafkaNodePool", "StrimziPodSet", "Pod"):
        for namespace in settings.namespaces() or [""]:
            api.list(kind, namespace)


async def _serve() -> web.AppRunner:
    """What the Deployment's probes ask for; whoever answers is healthy and, after `_list_all`, ready."""
    application = web.Application()
    for path in ("/healthy", "/ready"):
        application.router.add_get(path, _answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "0.0.0.0", settings.HEALTH_PORT).start()
    return runner


async def _answer(_: web.Request) -> web.Response:
    return web.Response(text="ok")
