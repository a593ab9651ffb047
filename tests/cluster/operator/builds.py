# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The `build` of a `KafkaConnect`: a pod that downloads the plug-ins shows whether the connect pods will get them.
On OpenShift it is the pod of a Build.

No image is made, since there is nowhere to push it: each connect pod downloads the same files when it starts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.cluster.operator import openshift_builds
from tests.cluster.operator.api import Api, Object
from tests.cluster.operator.objects import LABEL, Component, revision
from tests.cluster.operator.settings import BUILD_SECONDS, KAFKA_IMAGE, RESYNC_SECONDS
from tests.cluster.operator.status import Refused, Waiting

REVISION = f"{LABEL}connect-build-revision"
IMAGE = f"{LABEL}connect-build-image"
_FORCE = f"{LABEL}force-rebuild"
_KINDS = ("jar", "zip", "tgz", "other")
_FETCH = Path(__file__).with_name("fetch_plugins.py")
_FOLDER = "/opt/kafka/build"
PLUGINS = "/opt/kafka/plugins"
_MADE = "/plugins"


def check(spec: Mapping[str, Any]) -> None:
    names = [plugin["name"] for plugin in spec["build"]["plugins"]]
    if len(set(names)) != len(names):
        raise Refused(
            "InvalidResourceException",
            "Connector plugins names have to be unique within a single KafkaConnect resource.",
        )
    for plugin in spec["build"]["plugins"]:
        for artifact in plugin["artifacts"]:
            if artifact["type"] not in _KINDS or not artifact.get("url"):
                what = f"an artifact of type {artifact['type']} in plug-in {plugin['name']}"
                known = f"the url of one of {', '.join(_KINDS)} is"
                raise Refused("InvalidResourceException", f"{what} is not supported by this stand-in; {known}")


def config_map(component: Component, spec: Mapping[str, Any]) -> Object:
    data = {"plugins.json": json.dumps(spec["build"]["plugins"], indent=1), _FETCH.name: _FETCH.read_text("utf-8")}
    return component.config_map(_config_map_name(component), data)


def wanted_revision(spec: Mapping[str, Any]) -> str:
    return revision(spec["build"]["plugins"], (spec["build"].get("output") or {}).get("image"), spec.get("image"))


def fetching(component: Component, spec: Mapping[str, Any], name: str) -> Object:
    """The container that downloads: in the build's pod, and in front of each worker."""
    return {
        "name": name,
        "image": spec.get("image") or KAFKA_IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python3", f"{_FOLDER}/{_FETCH.name}", f"{_FOLDER}/plugins.json", PLUGINS, _MADE],
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "resources": spec["build"].get("resources") or {},
        "volumeMounts": [{"name": "build", "mountPath": _FOLDER}, {"name": "plugins", "mountPath": _MADE}],
    }


def volumes(component: Component) -> list[Object]:
    return [
        {"name": "build", "configMap": {"name": _config_map_name(component)}},
        {"name": "plugins", "emptyDir": {}},
    ]


def build_pod(component: Component, spec: Mapping[str, Any]) -> Object:
    name = f"{component.name}-build"
    return component.object(
        "Pod",
        name,
        labels={f"{LABEL}name": name, f"{LABEL}component-type": "kafka-connect-build"},
        annotations={REVISION: wanted_revision(spec)},
        spec={
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": 0,
            "containers": [fetching(component, spec, name)],
            "volumes": volumes(component),
        },
    )


def run(api: Api, component: Component, spec: Mapping[str, Any], pod_set: Object | None) -> dict[str, str]:
    """Waits or refuses until what is wanted is built.

    :param pod_set: what the workers are of; it remembers the last build that went well.
    :returns: what it is to remember: with another image, workers are replaced, as after a build that was forced.
    """
    annotations = ((pod_set or {}).get("metadata") or {}).get("annotations") or {}
    is_forced = annotations.get(_FORCE) == "true"
    wanted = build_pod(component, spec)
    name = wanted["metadata"]["name"]
    if annotations.get(REVISION) == wanted_revision(spec) and IMAGE in annotations and not is_forced:
        api.delete("Pod", component.namespace, name)
        return {key: annotations[key] for key in (REVISION, IMAGE)}
    if openshift_builds.are_served(api):
        return {REVISION: wanted_revision(spec), IMAGE: _on_openshift(api, component, spec, pod_set, is_forced)}
    waiting = Waiting(f"Pods resource {name} in namespace {component.namespace} to be complete")
    found = api.get("Pod", component.namespace, name)
    if found is None:
        api.apply(config_map(component, spec))
        api.create(wanted)
        if pod_set and is_forced:
            _forget_force(api, pod_set)
        raise waiting
    is_other = found["metadata"].get("annotations", {}).get(REVISION) != wanted_revision(spec)
    phase = (found.get("status") or {}).get("phase")
    if is_other or is_forced or (phase == "Failed" and _age(found) > RESYNC_SECONDS):
        api.delete("Pod", component.namespace, name)
        raise waiting
    if phase == "Failed":
        raise Refused("RuntimeException", "The Kafka Connect build failed")
    if phase != "Succeeded":
        if _age(found) > BUILD_SECONDS:
            message = f"Exceeded timeout of {BUILD_SECONDS * 1000:.0f}ms while waiting for {waiting}"
            raise Refused("StrimziTimeoutException", message)
        raise waiting
    image = (spec["build"].get("output") or {}).get("image", "")
    return {REVISION: wanted_revision(spec), IMAGE: f"{image}@{found['metadata']['uid']}"}


def clean(api: Api, component: Component) -> None:
    """Where nothing is built any more."""
    if openshift_builds.are_served(api):
        api.delete("BuildConfig", component.namespace, openshift_builds.config_name(component))
    api.delete("Pod", component.namespace, f"{component.name}-build")
    api.delete("ConfigMap", component.namespace, _config_map_name(component))


def _on_openshift(
    api: Api, component: Component, spec: Mapping[str, Any], pod_set: Object | None, is_forced: bool
) -> str:
    build = None if is_forced else openshift_builds.current(api, component, wanted_revision(spec))
    if build and not (build["status"]["phase"] == "Failed" and _age(build) > RESYNC_SECONDS):
        return openshift_builds.image_of(api, build)
    openshift_builds.check_output(api, component, spec["build"]["output"])
    api.apply(config_map(component, spec))
    openshift_builds.start(api, component, spec["build"]["output"], build_pod(component, spec))
    if pod_set and is_forced:
        _forget_force(api, pod_set)
    raise Waiting(f"Builds resource of {component.name} in namespace {component.namespace} to be complete")


def _forget_force(api: Api, pod_set: Object) -> None:
    """Once it has begun; the revision too, so that what is built is not taken for what was there."""
    api.patch(pod_set, {"metadata": {"annotations": {_FORCE: None, REVISION: None}}})


def _config_map_name(component: Component) -> str:
    return f"{component.name}-dockerfile"


def _age(of: Object) -> float:
    """In seconds, since a pod ended, or since it was made."""
    ended = [
        status["state"]["terminated"]["finishedAt"]
        for status in (of.get("status") or {}).get("containerStatuses") or []
        if "terminated" in status["state"]
    ]
    then = datetime.fromisoformat((ended or [of["metadata"]["creationTimestamp"]])[0])
    return (datetime.now(UTC) - then).total_seconds()
