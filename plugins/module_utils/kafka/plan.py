# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to change so that topics become as declared. Pure: no Kafka, no Ansible, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Topic:
    """A topic as the cluster has it.

    :param config: the topic's own overrides, not the defaults that it inherits.
    """

    name: str
    partitions: int
    replication_factor: int
    config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Declared:
    """A topic as it is wanted; None means "do not touch" or, for a new topic, "the broker's default".

    :param config: a value of None removes that override.
    :param config_exact: overrides that ``config`` does not name are removed.
    """

    name: str
    state: str = "present"
    partitions: int | None = None
    replication_factor: int | None = None
    config: Mapping[str, str | None] | None = None
    config_exact: bool = False


@dataclass(frozen=True)
class Change:
    """One topic's change. ``config`` maps each override to its new value, None where it is removed."""

    name: str
    create: Declared | None = None
    delete: bool = False
    partitions: int | None = None
    config: Mapping[str, str | None] = field(default_factory=dict)


def plan(actual: Mapping[str, Topic], declared: Iterable[Declared]) -> list[Change]:
    changes = (_change(actual.get(want.name), want) for want in declared)
    return [change for change in changes if change is not None]


def _change(has: Topic | None, want: Declared) -> Change | None:
    if want.state == "absent":
        return Change(want.name, delete=True) if has else None
    if has is None:
        return Change(want.name, create=want)
    grow = want.partitions is not None and want.partitions > has.partitions
    config = config_changes(has.config, want)
    if not grow and not config:
        return None
    return Change(want.name, partitions=want.partitions if grow else None, config=config)


def config_changes(has: Mapping[str, str], want: Declared) -> dict[str, str | None]:
    if want.config is None:
        return {}
    wanted: dict[str, str | None] = dict.fromkeys(has) if want.config_exact else {}
    wanted.update(want.config)
    return {key: value for key, value in sorted(wanted.items()) if has.get(key) != value}


def refusals(actual: Mapping[str, Topic], declared: Iterable[Declared]) -> list[str]:
    """Why the declaration can't be carried out; all reasons at once, empty when it can."""
    reasons = []
    seen: set[str] = set()
    for want in declared:
        if want.name in seen:
            reasons.append(f"topic {want.name} is declared twice")
        seen.add(want.name)
        has = actual.get(want.name)
        if has is None or want.state == "absent":
            continue
        if want.partitions is not None and want.partitions < has.partitions:
            reasons.append(
                f"topic {want.name} has {has.partitions} partitions and {want.partitions} are declared:"
                " Kafka can't take partitions away"
            )
        if want.replication_factor not in (None, has.replication_factor):
            reasons.append(
                f"topic {want.name} has replication factor {has.replication_factor} and {want.replication_factor} is"
                " declared: that takes a reassignment of its partitions (kafka-reassign-partitions)"
            )
    return reasons


def after(actual: Mapping[str, Topic], changes: Iterable[Change], created: Mapping[str, Topic]) -> dict[str, Topic]:
    """The topics once the changes are made.

    :param created: what the broker says that the topics to create will be, its defaults filled in.
    """
    topics = dict(actual)
    for change in changes:
        if change.delete:
            del topics[change.name]
        elif change.create:
            topics[change.name] = created[change.name]
        else:
            has = topics[change.name]
            config = {**has.config, **change.config}
            topics[change.name] = replace(
                has,
                partitions=change.partitions or has.partitions,
                config={key: value for key, value in config.items() if value is not None},
            )
    return topics
