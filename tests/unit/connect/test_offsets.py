# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Offsets as they are, as they are to be, and what there is to send."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.connect.offsets import (
    altered,
    differing,
    in_order,
    read_offsets,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput
from hypothesis import given
from hypothesis import strategies as st

PARTITIONS = st.fixed_dictionaries({"file": st.sampled_from("abc")})
ENTRIES = st.fixed_dictionaries(
    {"partition": PARTITIONS, "offset": st.none() | st.fixed_dictionaries({"position": st.integers(0, 3)})}
)
WANTED = st.lists(ENTRIES, unique_by=lambda one: one["partition"]["file"])
ACTUAL = WANTED.map(lambda many: in_order([one for one in many if one["offset"] is not None]))


@given(ACTUAL, WANTED)
def test_altering_again_is_nothing_to_send(actual: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    after = altered(actual, wanted)
    assert differing(after, wanted) == []
    assert altered(after, wanted) == after


@given(ACTUAL)
def test_altering_to_what_is_there_changes_nothing(actual: list[dict[str, Any]]) -> None:
    assert altered(actual, actual) == actual


@given(ACTUAL, WANTED)
def test_partitions_that_are_not_listed_stay(actual: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    listed = [one["partition"] for one in wanted]
    untouched = [one for one in actual if one["partition"] not in listed]
    assert [one for one in altered(actual, wanted) if one["partition"] not in listed] == untouched


def test_a_sinks_offsets_are_numbers_whatever_a_template_made_of_them() -> None:
    given_offset = {
        "partition": {"kafka_topic": "t", "kafka_partition": "0"},
        "offset": {"kafka_offset": "7"},
    }
    assert read_offsets([given_offset], "sink") == [
        {"partition": {"kafka_topic": "t", "kafka_partition": 0}, "offset": {"kafka_offset": 7}}
    ]


@pytest.mark.parametrize(
    "partition", [{}, {"topic": "t", "partition": 0}, {"kafka_topic": "t", "kafka_partition": "zero"}]
)
def test_what_is_no_offset_of_a_sink_is_refused(partition: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match=r"is not an offset of a sink connector\. Write"):
        read_offsets([{"partition": partition, "offset": {"kafka_offset": 1}}], "sink")


def test_a_partition_twice_is_refused() -> None:
    twice = [{"partition": {"a": 1, "b": 2}, "offset": None}, {"partition": {"b": 2, "a": 1}, "offset": {"p": 1}}]
    with pytest.raises(InvalidInput, match="is listed twice"):
        read_offsets(twice, "source")
