# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The `build` of a `KafkaConnect` on OpenShift: Strimzi has a BuildConfig make it, and OpenShift's part is played too.

No image is made here either: the pod of the Build is the one that downloads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from tests.cluster.operator.api import Api, Object
from tests.cluster.operator.objects import LABEL, Component, owner_reference
from tests.cluster.operator.status import Refused, Waiting

_REVISION = f"{LABEL}connect-build-revision"
_OPENSHIFT = "openshift.io/"
_REGISTRY = "image-registry.openshift-image-registry.svc:5000"
_PHASES = {"Pending": "Pending", "Running": "Running", "Succeeded": "Complete", "Failed": "Failed"}


def are_served(api: Api) -> bool:
    return api.serves("BuildConfig") and api.serves("ImageStream")


def config_name(component: Component) -> str:
    return f"{component.name}-build"


def check_output(api: Api, component: Component, output: Mapping[str, Any]) -> None:
    """Strimzi makes no ImageStream."""
    name = output["image"].split(":")[0]
    if output["type"] == "imagestream" and api.get("ImageStream", component.namespace, name) is None:
        message = f"The build can't start because there is no image stream with name {name}"
        raise Refused("InvalidConfigurationException", message)


def current(api: Api, component: Component, revision: str) -> Object | None:
    """The last Build, where it is one of this revision."""
    config = api.get("BuildConfig", component.namespace, config_name(component))
    build = api.get("Build", component.namespace, f"{config_name(component)}-{_last(config)}")
    return build if build and build["metadata"]["annotations"].get(_REVISION) == revision else None


def start(api: Api, component: Component, output: Mapping[str, Any], pod: Object) -> None:
    """:param pod: that does the work, as it would be without OpenShift."""
    name = config_name(component)
    to = {"kind": {"imagestream": "ImageStreamTag", "docker": "DockerImage"}[output["type"]], "name": output["image"]}
    spec: Object = {
        "output": {"to": to},
        "source": {"type": "Dockerfile", "dockerfile": f"# {pod['metadata']['annotations'][_REVISION]}\n"},
        "strategy": {"type": "Docker", "dockerStrategy": {}},
        "runPolicy": "Serial",
    }
    config = api.apply(component.object("BuildConfig", name, spec=spec))
    number = _last(config) + 1
    # Before the Build is there: a number is never given twice.
    api.patch(config, {"status": {"lastVersion": number}})
    parts = {"spec": {"output": spec["output"]}, "status": {"phase": "New"}}
    build = component.object("Build", f"{name}-{number}", owned=False, **parts)
    build["metadata"]["ownerReferences"] = [owner_reference(config)]
    build["metadata"]["labels"] |= {f"{_OPENSHIFT}build-config.name": name}
    build["metadata"]["annotations"] |= {
        f"{_OPENSHIFT}build.pod-name": f"{name}-{number}-build",
        _REVISION: pod["metadata"]["annotations"][_REVISION],
    }
    build = api.create(build)
    about = {
        "name": f"{name}-{number}-build",
        "namespace": component.namespace,
        "labels": {f"{_OPENSHIFT}build.name": build["metadata"]["name"]},
        "ownerReferences": [owner_reference(build)],
    }
    api.create({**pod, "metadata": about})


def image_of(api: Api, build: Object) -> str:
    """Waits or refuses until it is built.

    :returns: by digest, as Strimzi gives it to the workers.
    """
    namespace, name = build["metadata"]["namespace"], build["metadata"]["name"]
    pod = api.get("Pod", namespace, f"{name}-build") or {}
    phase = _PHASES.get((pod.get("status") or {}).get("phase", ""), "Error")
    image = str(build["spec"]["output"]["to"]["name"]).partition(":")[0]
    digest = f"sha256:{hashlib.sha256(build['metadata']['uid'].encode()).hexdigest()}"
    status: Object = {"phase": phase}
    if phase == "Complete":
        status["outputDockerImageReference"] = f"{_REGISTRY}/{namespace}/{image}:latest"
        status["output"] = {"to": {"imageDigest": digest}}
    elif phase in {"Failed", "Error"}:
        status |= {"reason": "DockerBuildFailed", "message": "Dockerfile build strategy has failed."}
    if status != build["status"]:
        api.patch(build, {"status": status})
    if phase in {"Failed", "Error"}:
        raise Refused("RuntimeException", "The Kafka Connect build failed.")
    if phase != "Complete":
        raise Waiting(f"Builds resource {name} in namespace {namespace} to be complete")
    return f"{_REGISTRY}/{namespace}/{image}@{digest}"


def _last(config: Object | None) -> int:
    return int(((config or {}).get("status") or {}).get("lastVersion", 0))
