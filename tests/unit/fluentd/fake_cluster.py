"""A cluster in memory, as the module's client shows one, with what a test looks at and breaks.

A pod whose configuration says ``broken`` crashes, one with ``fleeting`` does so once it was ready, one with
``restless`` starts anew without end, one with ``silent`` never becomes ready; ``fluentd --dry-run``
refuses ``unknown_plugin``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.loggy.pipeline.plugins.module_utils.errors import NotFound, PipelineError, api_error

from tests.unit.fluentd.fake_nodes import NAME, FakeNodes, Object


class FakeCluster(FakeNodes):
    def __init__(self, data: Mapping[str, str], **workload: Any) -> None:
        self.writes: list[str] = []
        #: Runs before the next patches, one each.
        self.before_patch: list[Callable[[], None]] = []
        #: How often a kind of write works before it fails, and how it does then.
        self.fails: dict[str, int] = {}
        self.failure: BaseException = PipelineError("It was refused.")
        super().__init__(data, **workload)

    @property
    def backup(self) -> Object | None:
        return self.objects.get(("ConfigMap", f"{NAME}-loggy-backup"))

    def get(self, api_version: str, kind: str, namespace: str, name: str) -> Object | None:
        if (kind, name) in self.objects and "-loggy-check-" in name and kind == "Pod":
            self._end_check(name)
        return copy.deepcopy(self.objects.get((kind, name)))

    def list(
        self, api_version: str, kind: str, namespace: str, *, label_selector: str = "", field_selector: str = ""
    ) -> list[Object]:
        if kind == "Pod":
            self._step()
        wanted = dict(one.split("=") for one in label_selector.split(","))
        return [
            copy.deepcopy(thing)
            for (one, _name), thing in self.objects.items()
            if one == kind and wanted.items() <= thing["metadata"].get("labels", {}).items()
        ]

    def create(self, api_version: str, kind: str, namespace: str, body: Object, *, dry_run: bool = False) -> Object:
        self._write(f"create {kind}", body["metadata"]["name"])
        if (kind, body["metadata"]["name"]) in self.objects:
            raise api_error("POST", "fake", 409, "already exists")
        body = copy.deepcopy(body)
        return self.add(kind, body["metadata"]["name"], **{k: v for k, v in body.items() if k not in ("kind",)})

    def patch(self, api_version: str, kind: str, namespace: str, name: str, body: Object, **_: Any) -> Object:
        if self.before_patch:
            self.before_patch.pop(0)()
        self._write(f"patch {kind}", name)
        thing = self.objects.get((kind, name))
        if thing is None:
            raise NotFound("PATCH", "fake", 404, f"{kind} {name}")
        body = copy.deepcopy(body)
        version = body.get("metadata", {}).pop("resourceVersion", None)
        if version not in (None, thing["metadata"]["resourceVersion"]):
            raise api_error("PATCH", "fake", 409, "the object has been modified")
        spec = copy.deepcopy(thing.get("spec"))
        _merge(thing, body)
        self.touch(thing)
        if thing.get("spec") != spec:
            thing["metadata"]["generation"] += 1
        return copy.deepcopy(thing)

    def delete(self, api_version: str, kind: str, namespace: str, name: str) -> bool:
        if (kind, name) not in self.objects:
            return False
        self._write(f"delete {kind}", name)
        del self.objects[kind, name]
        return True

    def pod_log(self, namespace: str, pod: str, container: str, *, tail: int = 20, previous: bool = False) -> str:
        if "-loggy-check-" in pod:
            return "config error: Unknown output plugin\n  shared_key hush-hush"
        return "\n".join(self.started_with[pod].get("output-extra-kafka.conf", "").splitlines()) + "\nit crashed"

    def touch(self, thing: Object) -> None:
        thing["metadata"]["resourceVersion"] = str(next(self._count))

    def write_as_somebody_else(self, key: str, text: str | None) -> None:
        config_map = self.objects["ConfigMap", NAME]
        _merge(config_map, {"data": {key: text}})
        self.touch(config_map)

    def _write(self, what: str, name: str) -> None:
        self.writes.append(f"{what} {name}")
        if what in self.fails:
            self.fails[what] -= 1
            if self.fails[what] < 0:
                raise self.failure


def _merge(thing: Object, patch: Mapping[str, Any]) -> None:
    for key, value in patch.items():
        if value is None:
            thing.pop(key, None)
        elif isinstance(value, Mapping):
            _merge(thing.setdefault(key, {}), value)
        else:
            thing[key] = value
