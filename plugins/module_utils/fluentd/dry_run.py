# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has Fluentd itself read a configuration before it is put in place: a pod of its own image that ends when it has.

The pod writes nothing outside itself: it gets the workload's configuration, secrets and account, and none of its disks.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from ..errors import CommandFailed, InvalidInput, NotReady
from ..kubernetes.client import Cluster, Object
from ..kubernetes.pods import trouble
from ..wait import wait_until
from .backup import MANAGED_BY, OWNER
from .rollout import is_hopeless
from .store import masked

CHECK = "loggy.pipeline/check"
_CONTAINER = "check"
_LOG_LINES = 15
_ADVICE = "Or leave the check out (dry_run: {enabled: false})."
#: What of the workload's pods decides where the check's pod may run, and as whom.
_POD_KEYS = (
    "hostAliases",
    "imagePullSecrets",
    "nodeSelector",
    "securityContext",
    "serviceAccountName",
    "automountServiceAccountToken",
    "tolerations",
    "dnsPolicy",
    "dnsConfig",
)
_CONTAINER_KEYS = ("env", "envFrom", "imagePullPolicy", "resources", "workingDir")
#: Volumes that hold what the nodes, or other pods, go on using.
_DISKS = {"hostPath", "persistentVolumeClaim", "ephemeral", "nfs", "iscsi", "cephfs", "rbd", "glusterfs"}


@dataclass(frozen=True)
class Check:
    """:param config_map: as the workload mounts it; :param image, command: None for the workload's and Fluentd's."""

    cluster: Cluster
    namespace: str
    config_map: str
    image: str | None
    command: Sequence[str] | None

    def run(
        self,
        workload: Object,
        config_map: Object,
        data: Mapping[str, str],
        *,
        hide: Callable[[str], str],
        timeout: float,
        progress: Callable[[str], None],
    ) -> None:
        """:param data: the keys as they would be; :param hide: takes secrets out of what Fluentd says.

        :raises CommandFailed: Fluentd refuses the configuration.
        """
        self.sweep()
        name = f"{self.config_map[:200]}-loggy-check-{secrets.token_hex(4)}"
        template = workload["spec"]["template"]["spec"]
        pod: dict[str, Any] = {
            **pod_spec(template, self.config_map, name, data, image=self.image, command=self.command),
            "activeDeadlineSeconds": max(1, int(timeout)),
        }
        files = {"data": dict(data), "binaryData": config_map.get("binaryData") or {}}
        with ExitStack() as made:
            for kind, content in (("ConfigMap", files), ("Pod", {"spec": pod})):
                made.callback(self.cluster.delete, "v1", kind, self.namespace, name)
                self.cluster.create("v1", kind, self.namespace, self._object(kind, name, **content))
            self._wait(name, hide, timeout, progress)

    def sweep(self) -> bool:
        """Whether there was anything that a run left when it was killed."""
        found = False
        for kind in ("Pod", "ConfigMap"):
            for left in self.cluster.list("v1", kind, self.namespace, label_selector=f"{CHECK}={self._label}"):
                found = self.cluster.delete("v1", kind, self.namespace, left["metadata"]["name"]) or found
        return found

    @property
    def _label(self) -> str:
        return self.config_map[:63].strip("-._")

    def _object(self, kind: str, name: str, **rest: Any) -> dict[str, Any]:
        labels = {MANAGED_BY: OWNER, CHECK: self._label}
        metadata = {"name": name, "namespace": self.namespace, "labels": labels}
        return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **rest}

    def _wait(self, name: str, hide: Callable[[str], str], timeout: float, progress: Callable[[str], None]) -> None:
        def look() -> tuple[int | None, str]:
            pod = self.cluster.get("v1", "Pod", self.namespace, name)
            if pod is None:
                raise NotReady(f"The pod {name} that checks the configuration was deleted.", advice=_ADVICE)
            if (code := _exit_code(pod)) is not None:
                return code, ""
            status = pod.get("status") or {}
            if is_hopeless(pod) or status.get("phase") == "Failed":
                raise NotReady(
                    f"Nothing was changed: the pod that checks the configuration does not run: {trouble(pod)}.",
                    advice=_ADVICE,
                    reason=trouble(pod),
                )
            return None, trouble(pod) or f"its phase is {status.get('phase', 'Pending')}"

        code = wait_until(
            look,
            what=f"pod {name} to check the configuration (nothing was changed)",
            timeout=timeout,
            advice=_ADVICE,
            progress=progress,
        )
        if code:
            log = self.cluster.pod_log(self.namespace, name, _CONTAINER, tail=_LOG_LINES)
            lines = [hide(line) for line in masked(log).splitlines()[-_LOG_LINES:]]
            raise CommandFailed(
                f"Nothing was changed: Fluentd refuses the configuration (exit code {code}).",
                advice="\n".join(["", *lines]),
                exit_code=code,
                log=lines,
            )


def pod_spec(
    template: Mapping[str, Any],
    config_map: str,
    checked: str,
    data: Mapping[str, str],
    *,
    image: str | None,
    command: Sequence[str] | None,
) -> dict[str, Any]:
    """The check's pod, made of the workload's pod template. Pure.

    :param checked: the ConfigMap that stands in for ``config_map``.
    :raises InvalidInput: the workload does not mount it.
    """
    volumes = [
        _standing_in(volume, config_map, checked)
        for volume in template.get("volumes") or ()
        if _DISKS.isdisjoint(volume)
    ]
    names = {volume["name"] for volume in volumes}
    configuration = {volume["name"] for volume in template.get("volumes") or () if volume not in volumes} & names
    mounting = [
        one for one in template["containers"] if any(m["name"] in configuration for m in one.get("volumeMounts") or ())
    ]
    if not mounting:
        raise InvalidInput(f"No container of the workload mounts ConfigMap {config_map}.", advice=_ADVICE)
    fluentd = mounting[0]
    mounts = [mount for mount in fluentd.get("volumeMounts") or () if mount["name"] in names]
    if command is None:
        mount = next(mount for mount in mounts if mount["name"] in configuration)
        command = ["fluentd", "--dry-run", "-c", _main_file(mount, data)]
    security = {k: v for k, v in (fluentd.get("securityContext") or {}).items() if k != "privileged"}
    container = {
        "name": _CONTAINER,
        "image": image or fluentd["image"],
        "command": list(command),
        "securityContext": security,
        "volumeMounts": mounts,
        **{key: fluentd[key] for key in _CONTAINER_KEYS if key in fluentd},
    }
    return {
        **{key: template[key] for key in _POD_KEYS if key in template},
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 1,
        "containers": [container],
        "volumes": volumes,
    }


def _standing_in(volume: Mapping[str, Any], config_map: str, checked: str) -> Mapping[str, Any]:
    """The volume, with the one ConfigMap in the other's place, be it among several sources."""
    if (volume.get("configMap") or {}).get("name") == config_map:
        return {**volume, "configMap": {**volume["configMap"], "name": checked}}
    if "projected" in volume:
        sources = [_standing_in(source, config_map, checked) for source in volume["projected"].get("sources") or ()]
        return {**volume, "projected": {**volume["projected"], "sources": sources}}
    return volume


def _main_file(mount: Mapping[str, Any], data: Mapping[str, str]) -> str:
    """Where the ConfigMap has Fluentd's main file, or only what it includes."""
    if mount.get("subPath") == "fluent.conf":
        return str(mount["mountPath"])
    if "fluent.conf" in data and not mount.get("subPath"):
        return f"{str(mount['mountPath']).rstrip('/')}/fluent.conf"
    return "/etc/fluent/fluent.conf"


def _exit_code(pod: Object) -> int | None:
    """Its phase says nothing when something was put beside the container that goes on running."""
    for one in (pod.get("status") or {}).get("containerStatuses") or ():
        ended = (one.get("state") or {}).get("terminated")
        if one["name"] == _CONTAINER and ended:
            return int(ended["exitCode"])
    return None
