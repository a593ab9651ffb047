# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads, creates, grows, configures and deletes topics, a method for each admin request. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import ApiError, InvalidInput
from .broker_errors import TOPIC_AUTHORIZATION_FAILED, UNKNOWN_TOPIC, refused, translated
from .options import Connection
from .plan import Change, Declared, Topic


class Topics:
    """:param admin: a KafkaAdminClient."""

    def __init__(self, admin: Any, to: Connection) -> None:
        self._admin = admin
        self._to = to

    def get(self, names: Iterable[str]) -> tuple[dict[str, Topic], list[str]]:
        """The topics that exist, and which of their partitions have no leader, in words."""
        found = self._partitions(names)
        configs = self._overrides(found)
        topics = {
            name: Topic(name, len(found[name]), _replication_factor(found[name]), configs[name]) for name in configs
        }
        return topics, [problem for name in topics for problem in _leaderless(name, found[name])]

    def _partitions(self, names: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
        names = list(names)
        with translated("reading topics", self._to):
            described = self._admin.describe_topics(names) if names else []
        found = {}
        for answer in described:
            code = answer["error_code"]
            if code == TOPIC_AUTHORIZATION_FAILED:
                raise refused(f"reading topic {answer['name']}", self._to, code, None)
            if code != UNKNOWN_TOPIC:
                found[answer["name"]] = answer["partitions"]
        return found

    def _overrides(self, names: Iterable[str]) -> dict[str, dict[str, str]]:
        from kafka.admin import ConfigResource

        resources = [ConfigResource("TOPIC", name) for name in names]
        if not resources:
            return {}
        with translated("reading topic configs", self._to):
            answers = self._admin.describe_configs(resources, config_filter="all").get("topic", {})
        # kafka-python drops the error code of DescribeConfigs. Without an error a topic has some thirty entries; with
        # one it has none: the topic is just being deleted, or this user may not read its configuration.
        silent = [name for name, entries in answers.items() if not entries]
        for name in self._partitions(silent):
            raise refused(f"reading the config of topic {name}", self._to, TOPIC_AUTHORIZATION_FAILED, None)
        return {
            name: {
                key: entry["value"]
                for key, entry in entries.items()
                if entry["config_source"] == "DYNAMIC_TOPIC_CONFIG"
            }
            for name, entries in answers.items()
            if entries
        }

    def create(self, declared: Iterable[Declared], *, validate_only: bool) -> dict[str, Topic]:
        """The topics as the broker makes them, with its defaults filled in.

        :raises InvalidInput: the broker refuses some; with the reason of each.
        """
        wanted = {want.name: _creation(want) for want in declared}
        if not wanted:
            return {}
        with translated("creating topics", self._to):
            answers = self._admin.create_topics(wanted, validate_only=validate_only, raise_errors=False)["topics"]
        self._raise_refusals("creating topic", answers)
        return {
            answer["name"]: Topic(
                answer["name"],
                answer.get("num_partitions", -1),
                answer.get("replication_factor", -1),
                wanted[answer["name"]]["configs"],
            )
            for answer in answers
        }

    def grow(self, changes: Iterable[Change], *, validate_only: bool) -> None:
        counts = {change.name: change.partitions for change in changes if change.partitions is not None}
        if not counts:
            return
        with translated("adding partitions", self._to):
            answer = self._admin.create_partitions(counts, validate_only=validate_only, raise_errors=False)
        self._raise_refusals("adding partitions to topic", [result.to_dict() for result in answer.results])

    def configure(self, changes: Iterable[Change], *, validate_only: bool) -> None:
        from kafka.admin import AlterConfigOp, ConfigResource

        resources = [
            ConfigResource(
                "TOPIC",
                change.name,
                {
                    key: (AlterConfigOp.DELETE if value is None else AlterConfigOp.SET, value)
                    for key, value in change.config.items()
                },
            )
            for change in changes
            if change.config
        ]
        if not resources:
            return
        with translated("changing topic configs", self._to):
            results = self._admin.alter_configs(
                resources, validate_only=validate_only, raise_on_unknown=False, incremental=True
            )["topic"]
        failed = {name: result for name, result in results.items() if result != "OK"}
        if failed:
            raise InvalidInput(
                f"{self._to.url} refused the config of "
                + "; ".join(f"topic {name}: {result}" for name, result in sorted(failed.items()))
            )

    def delete(self, names: Iterable[str]) -> None:
        names = list(names)
        if not names:
            return
        with translated("deleting topics", self._to):
            answers = self._admin.delete_topics(names, raise_errors=False)["topics"]
        self._raise_refusals("deleting topic", [one for one in answers if one["error_code"] != UNKNOWN_TOPIC])

    def _raise_refusals(self, what: str, answers: Iterable[Mapping[str, Any]]) -> None:
        errors: list[ApiError] = [
            refused(f"{what} {answer['name']}", self._to, answer["error_code"], answer.get("error_message"))
            for answer in answers
            if answer["error_code"]
        ]
        if len(errors) == 1:
            raise errors[0]
        if errors:
            raise InvalidInput("\n".join([f"{len(errors)} topics were refused:", *map(str, errors)]))


def _leaderless(name: str, partitions: list[dict[str, Any]]) -> list[str]:
    if not partitions:
        return [f"topic {name} has no partitions yet"]
    return [
        f"topic {name} partition {partition['partition_index']} has no leader"
        for partition in partitions
        if partition["leader_id"] < 0
    ]


def _replication_factor(partitions: list[dict[str, Any]]) -> int:
    return max((len(partition["replica_nodes"]) for partition in partitions), default=0)


def _creation(want: Declared) -> dict[str, Any]:
    return {
        "num_partitions": -1 if want.partitions is None else want.partitions,
        "replication_factor": -1 if want.replication_factor is None else want.replication_factor,
        "configs": {key: value for key, value in (want.config or {}).items() if value is not None},
    }
