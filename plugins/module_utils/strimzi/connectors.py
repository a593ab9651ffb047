# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connectors as resources: what each KafkaConnector says, and which connector the operator would delete. Pure.

Strimzi calls a connector what its resource is called. Once a KafkaConnect has the annotation, whatever connector has no
resource of its name is deleted; those that have one get its config, which changes nothing where it is the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..connect.model import Connector
from ..connect.plan import Desired, masked_keys
from ..errors import InvalidInput
from ..redact import is_secret, redact_text
from .names import is_legal, resource_name

Object = dict[str, Any]

KIND = "KafkaConnector"
CLUSTER = "strimzi.io/cluster"
ANNOTATION = "strimzi.io/use-connector-resources"
_COMPONENT = "app.kubernetes.io/component"
#: Adopted ones are told from declared ones, which a purge of what is not listed may delete.
DECLARED, ADOPTED = "connectors", "connectors-adopted"

_VERSION = "connector.plugin.version"
#: What a key that sounds secret may say and is none: a choice.
_CHOICES = ("true", "false")


@dataclass(frozen=True)
class Target:
    """:param connect: name of the KafkaConnect. :param labels: those that mark what is ours."""

    connect: str
    namespace: str
    api_version: str
    labels: Mapping[str, str]

    def owns(self, thing: Mapping[str, Any]) -> bool:
        return self.labels.items() <= _labels(thing).items()

    def __str__(self) -> str:
        return f"KafkaConnect {self.connect} in namespace {self.namespace}"


@dataclass(frozen=True)
class Seen:
    """What is there.

    :param annotated: whether the operator keeps the connectors already.
    :param resources: every KafkaConnector of the namespace, by name.
    :param running: the connectors that Connect lists; they matter as long as it is not annotated.
    :param secret_keys: those that their plug-ins declare as passwords.
    """

    annotated: bool
    resources: Mapping[str, Mapping[str, Any]]
    running: Mapping[str, Connector] = field(default_factory=dict)
    secret_keys: Collection[str] = ()


@dataclass(frozen=True)
class Wish:
    adopt: bool = False
    purge: bool = False
    restart_failed: bool = True


@dataclass(frozen=True)
class Plan:
    """:param objects: to apply, the adopted ones last. :param absent: resources to delete."""

    objects: Sequence[Object]
    adopted: Sequence[str]
    absent: Sequence[str]


def plan(desired: Sequence[Desired], seen: Seen, target: Target, wish: Wish) -> Plan:
    """:raises InvalidInput: a connector would be lost, or what is asked for has no form as a resource."""
    names = {one.name: resource_name(one.name) for one in desired}
    _check_others(names, seen, target)
    objects = [
        _declared(one, names[one.name], seen, target, restart_failed=wish.restart_failed)
        for one in desired
        if one.state != "absent"
    ]
    doomed = _doomed(desired, names, seen, target)
    if doomed and not wish.adopt:
        raise _refusal(doomed, names, target)
    adopted = _adopted([seen.running[name] for name in doomed], seen, target)
    return Plan([*objects, *adopted], doomed, _absent(desired, names, seen, target, purge=wish.purge))


def release(seen: Seen, target: Target) -> list[str]:
    """The resources that go once the operator has let the connectors go.

    :raises InvalidInput: it keeps those of somebody else, too, who would not know.
    """
    mine = {name: one for name, one in seen.resources.items() if _labels(one).get(CLUSTER) == target.connect}
    others = sorted(name for name, one in mine.items() if not target.owns(one))
    if seen.annotated and others:
        raise InvalidInput(
            f"{target} keeps connectors as resources (annotation {ANNOTATION}), and these are not of this pipeline: "
            f"{', '.join(others)}. Over REST, nobody would keep them any more.",
            advice="Set connectors_api to resources, or have their owner take them out.",
            others=others,
        )
    return sorted(mine.keys() - set(others))


def _check_others(names: Mapping[str, str], seen: Seen, target: Target) -> None:
    """A resource has one KafkaConnect: to declare it for another takes the connector from the first."""
    for name in names.values():
        cluster = _labels(seen.resources.get(name, {})).get(CLUSTER, target.connect)
        if cluster != target.connect:
            raise InvalidInput(
                f"{KIND} {name} in namespace {target.namespace} is of KafkaConnect {cluster}.",
                advice="Choose another name for the connector.",
            )


def _declared(desired: Desired, name: str, seen: Seen, target: Target, *, restart_failed: bool) -> Object:
    config = desired.config
    if config is None and name in seen.resources:
        config = _config_of(seen.resources[name])
    elif config is None and desired.name in seen.running:
        config = seen.running[desired.name].config
    if config is None:
        raise InvalidInput(
            f"connector {desired.name} has no config, and there is none yet to keep.",
            advice="Give its config, or use state absent.",
        )
    problems = plain_secrets(config)
    if problems:
        raise InvalidInput(
            f"connector {desired.name}: {', '.join(problems)} would be in a resource for all to read who may see it.",
            advice="As a resource, it takes secrets by reference only, such as ${secrets:NAMESPACE/NAME:KEY}, which "
            "config.providers of the workers resolve.",
            keys=problems,
        )
    made = _resource(desired, config, target, DECLARED)
    made["spec"]["autoRestart"] = {"enabled": restart_failed}
    return made


def _doomed(desired: Sequence[Desired], names: Mapping[str, str], seen: Seen, target: Target) -> list[str]:
    """The connectors that the annotation would delete, and nobody has asked for that."""
    if seen.annotated:
        return []
    kept = {name for name, one in seen.resources.items() if _labels(one).get(CLUSTER) == target.connect}
    kept |= set(names.values()) | {one.name for one in desired if one.state == "absent"}
    return sorted(seen.running.keys() - kept)


def _refusal(doomed: Sequence[str], names: Mapping[str, str], target: Target) -> InvalidInput:
    said = [f"{name} (as a resource, it is called {names[name]})" if name in names else name for name in doomed]
    return InvalidInput(
        f"The operator would delete {len(doomed)} connector(s) of {target}, which are there over REST and not declared "
        f"under the same name: {', '.join(said)}. Nothing was changed.",
        advice="List them in connectors, with state absent those that may go; or set connectors_adopt to true, which "
        "makes resources of them as they are; or keep connectors_api at rest.",
        connectors=list(doomed),
    )


def _adopted(connectors: Iterable[Connector], seen: Seen, target: Target) -> list[Object]:
    """All that is wrong is said at once: each is somebody's work to put right."""
    problems, made = [], []
    for one in connectors:
        found = sorted({*masked_keys(one), *plain_secrets(one.config, seen.secret_keys)})
        if found:
            problems.append(f"{one.name}: {', '.join(found)} is a secret, or a mask in place of one, and no reference")
        elif not is_legal(one.name):
            problems.append(f"{one.name}: a resource can't have this name, and by another it would begin anew")
        else:
            state = {"PAUSED": "paused", "STOPPED": "stopped"}.get(one.state, "running")
            made.append(_resource(Desired(one.name, one.config, state), one.config, target, ADOPTED))
    if problems:
        lines = "\n".join(f"- {problem}" for problem in problems)
        raise InvalidInput(
            f"Connectors can't be made resources as they are. Nothing was changed.\n{lines}",
            advice="\nOver REST, give secrets as references, such as ${secrets:NAMESPACE/NAME:KEY}, and a connector a "
            "name that is legal for a resource, with the offsets of the old one. Or list them in connectors, with "
            "state absent if they may go.",
            problems=problems,
        )
    return made


def _absent(
    desired: Sequence[Desired], names: Mapping[str, str], seen: Seen, target: Target, *, purge: bool
) -> list[str]:
    wanted = sorted(names[one.name] for one in desired if one.state == "absent" and names[one.name] in seen.resources)
    if others := [name for name in wanted if not target.owns(seen.resources[name])]:
        raise InvalidInput(
            f"{KIND} {', '.join(others)} in namespace {target.namespace} is not of this pipeline.",
            advice="Have its owner delete it, or leave it out of connectors.",
        )
    if not purge:
        return wanted
    ours = [
        name
        for name, one in seen.resources.items()
        if target.owns(one) and _labels(one).get(_COMPONENT) == DECLARED and _labels(one).get(CLUSTER) == target.connect
    ]
    return sorted({*wanted, *ours} - {names[one.name] for one in desired if one.state != "absent"})


def plain_secrets(config: Mapping[str, str], secret_keys: Collection[str] = ()) -> list[str]:
    """The keys whose values are secrets by themselves, a user's in a URL included."""
    return sorted(
        key
        for key, value in config.items()
        if (is_secret(key, value, secret_keys) and value.lower() not in _CHOICES) or redact_text(value) != value
    )


def _resource(desired: Desired, config: Mapping[str, str], target: Target, component: str) -> Object:
    """The values as strings, as Connect returns them: the operator compares them as such, too."""
    rest = dict(config)
    spec: Object = {"class": rest.pop("connector.class", ""), "state": desired.state}
    if not spec["class"]:
        raise InvalidInput(f"connector {desired.name} has no connector.class.", advice="Name the class in its config.")
    if "tasks.max" in rest:
        spec["tasksMax"] = _tasks_max(desired.name, rest.pop("tasks.max"))
    if _VERSION in rest and target.api_version.endswith("/v1"):
        spec["version"] = rest.pop(_VERSION)
    metadata = {
        "name": resource_name(desired.name),
        "namespace": target.namespace,
        "labels": {**target.labels, _COMPONENT: component, CLUSTER: target.connect},
    }
    return {"apiVersion": target.api_version, "kind": KIND, "metadata": metadata, "spec": {**spec, "config": rest}}


def _tasks_max(connector: str, text: str) -> int:
    if not text.strip().isdecimal() or int(text) < 1:
        raise InvalidInput(
            f"connector {connector}: tasks.max is {text!r}.", advice="A resource takes a number from 1 on."
        )
    return int(text)


def _config_of(resource: Mapping[str, Any]) -> dict[str, str]:
    """As Connect has it."""
    spec = resource.get("spec") or {}
    fields = {"connector.class": spec.get("class"), "tasks.max": spec.get("tasksMax"), _VERSION: spec.get("version")}
    named = {key: str(value) for key, value in fields.items() if value is not None}
    return {**{key: _text(value) for key, value in (spec.get("config") or {}).items()}, **named}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _labels(thing: Mapping[str, Any]) -> Mapping[str, str]:
    return (thing.get("metadata") or {}).get("labels") or {}
