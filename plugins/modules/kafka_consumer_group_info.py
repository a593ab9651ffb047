#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kafka_consumer_group_info
short_description: Show how far a Kafka consumer group is behind a topic, and wait until it is through
version_added: 0.1.0
description:
  - Compares the offsets that a group has committed of one topic with the ends of its partitions.
  - With O(wait_for_lag) it waits until no more records than that are left, for example before Kafka is replaced.
  - Joins no group, commits no offset, and creates no topic.
author:
  - Loggy pipeline authors (@loggy)
extends_documentation_fragment:
  - loggy.pipeline.kafka
attributes:
  check_mode:
    support: full
    description: Reads, and waits, in check mode too.
  diff_mode:
    support: none
    description: Changes nothing.
options:
  group:
    description:
      - Name of the group. That of a sink connector is C(connect-), then the connector's name.
      - A group that there is not has committed nothing.
    type: str
    required: true
  topic:
    description:
      - Name of the topic.
    type: str
    required: true
  wait_for_lag:
    description:
      - Waits until the group is no more records behind than this, all partitions together.
      - A consumer commits from time to time only (a sink connector every 10 seconds, unless it is told otherwise).
      - Unset, the group is looked at once.
    type: int
  wait_timeout:
    description:
      - Seconds to wait for O(wait_for_lag). V(0) looks once.
    type: float
    default: 60.0
"""

EXAMPLES = r"""
- name: Look how far the sink is
  loggy.pipeline.kafka_consumer_group_info:
    bootstrap_servers: ["127.0.0.1:9092"]
    group: connect-loggy-elasticsearch-sink
    topic: output_tag
  register: sink

- name: Wait until everything in the topic is in the index
  loggy.pipeline.kafka_consumer_group_info:
    bootstrap_servers: ["127.0.0.1:9092"]
    group: connect-loggy-elasticsearch-sink
    topic: output_tag
    wait_for_lag: 0
    wait_timeout: 300
"""

RETURN = r"""
group:
  description: Name of the group.
  returned: success
  type: str
  sample: connect-loggy-elasticsearch-sink
topic:
  description: Name of the topic.
  returned: success
  type: str
  sample: output_tag
lag:
  description: How many records the group has not committed, all partitions together.
  returned: success
  type: int
  sample: 17
partitions:
  description: The same for each partition.
  returned: success
  type: list
  elements: dict
  contains:
    partition:
      description: Number of the partition.
      type: int
      returned: always
    committed:
      description: The offset at which the group goes on, null when it has committed nothing.
      type: int
      returned: always
    end:
      description: The offset behind the last record.
      type: int
      returned: always
    lag:
      description: The records in between. Without a commit, all that are in the partition.
      type: int
      returned: always
  sample:
    - {partition: 0, committed: 1000, end: 1017, lag: 17}
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.consumer_group_info import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
