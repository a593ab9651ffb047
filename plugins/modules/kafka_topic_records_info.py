#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kafka_topic_records_info
short_description: Read records of a Kafka topic, and end
version_added: 0.1.0
description:
  - Reads what is between two bounds of a topic, and returns the records that a filter lets through.
  - Always ends. What is produced after it started is not read, and O(limit) and O(deadline) bound it.
  - Joins no consumer group, commits no offset, and creates no topic.
author:
  - Loggy pipeline authors (@loggy)
extends_documentation_fragment:
  - loggy.pipeline.kafka
attributes:
  check_mode:
    support: full
    description: Reads in check mode too.
  diff_mode:
    support: none
    description: Changes nothing.
options:
  topic:
    description:
      - Name of the topic.
    type: str
    required: true
  partitions:
    description:
      - Numbers of the partitions to read. Unset, all are read.
    type: list
    elements: int
  from:
    description:
      - Where to start.
      - V(earliest) is the oldest record that is there, V(latest) the end as it is now.
      - A number is that offset in each partition. A dictionary gives the offset by partition, and starts at the oldest
        record in the partitions that it does not name.
      - An ISO-8601 time (without a zone it is UTC) starts at the first record of each partition that is not older.
      - An offset that retention has deleted means the oldest one that is left.
    type: raw
    default: earliest
  to:
    description:
      - Where to end, in the same ways as O(from). The record at that offset is not read any more.
      - V(latest) is the end as it is when reading starts.
      - A time ends before the first record of each partition that is not older than it.
    type: raw
    default: latest
  filter:
    description:
      - Which records are returned. All that is given must hold. Unset, all records are returned.
    type: dict
    suboptions:
      contains:
        description:
          - Text that is in the value.
        type: str
      fields:
        description:
          - Fields that the value, a JSON object, has, and what they equal. A dot in a name leads into an inner object.
        type: dict
      headers:
        description:
          - Headers that the record has, and what they equal.
        type: dict
  limit:
    description:
      - How many records are returned at most. Reading ends there.
    type: int
    default: 100
  deadline:
    description:
      - Seconds after which reading ends, whatever is left.
    type: float
    default: 30.0
  isolation_level:
    description:
      - V(read_uncommitted) returns every record, also those of transactions that are open or were aborted.
      - V(read_committed) leaves those out, and ends before the first record of the oldest open transaction.
    type: str
    choices: [read_uncommitted, read_committed]
    default: read_uncommitted
"""

EXAMPLES = r"""
- name: Find the line of one run in the topic
  loggy.pipeline.kafka_topic_records_info:
    bootstrap_servers: ["127.0.0.1:9092"]
    topic: output_tag
    filter:
      fields:
        loggy.run: 0f6f2c0e5d2b4b0c9a7e3b1d2c4f5a6b
  register: found
  failed_when: found.records | length != 1

- name: Read what came after 18:30, one partition, at most 10
  loggy.pipeline.kafka_topic_records_info:
    bootstrap_servers: ["127.0.0.1:9092"]
    topic: output_tag
    partitions: [0]
    from: "2026-11-22T18:30:00Z"
    limit: 10

- name: Go on where the last reading stopped
  loggy.pipeline.kafka_topic_records_info:
    bootstrap_servers: ["127.0.0.1:9092"]
    topic: output_tag
    from: "{{ found.next_offsets }}"
    filter:
      contains: ":)"
"""

RETURN = r"""
records:
  description: The records, in the order of their offsets within each partition.
  returned: success
  type: list
  elements: dict
  contains:
    topic:
      description: Name of the topic.
      type: str
      returned: always
    partition:
      description: Number of the partition.
      type: int
      returned: always
    offset:
      description: Offset in the partition.
      type: int
      returned: always
    timestamp:
      description: Milliseconds since the epoch, V(-1) when the record has none.
      type: int
      returned: always
    timestamp_type:
      description: CreateTime (the producer's) or LogAppendTime (the broker's).
      type: str
      returned: always
    key:
      description: The key, null when there is none.
      type: str
      returned: always
    key_encoding:
      description: How RV(records[].key) is written, V(utf-8), or V(base64) when it is no UTF-8.
      type: str
      returned: always
    headers:
      description: The headers in their order. Each has a key, a value and the value's encoding.
      type: list
      elements: dict
      returned: always
    value:
      description: The value, null when there is none.
      type: str
      returned: always
    value_encoding:
      description: How RV(records[].value) is written, V(utf-8), or V(base64) when it is no UTF-8.
      type: str
      returned: always
  sample:
    - topic: output_tag
      partition: 0
      offset: 17
      timestamp: 1795373615623
      timestamp_type: CreateTime
      key: null
      key_encoding: utf-8
      headers: [{key: event.id, value: "Jq0dXw==:0", encoding: utf-8}]
      value: '{"message": "( Loggy ) :D"}'
      value_encoding: utf-8
read:
  description: How many records were read, those that the filter held back included.
  returned: success
  type: int
  sample: 20000
complete:
  description: Whether everything between the bounds was read.
  returned: success
  type: bool
  sample: true
stopped_by:
  description: Why reading ended, V(end), V(limit) or V(deadline).
  returned: success
  type: str
  sample: end
start_offsets:
  description: The first offset to read, by partition.
  returned: success
  type: dict
  sample: {"0": 0}
end_offsets:
  description: The offset up to which to read, itself not included, by partition. Noted when reading started.
  returned: success
  type: dict
  sample: {"0": 20000}
next_offsets:
  description: The offset at which to go on, by partition.
  returned: success
  type: dict
  sample: {"0": 20000}
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.records_info import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
