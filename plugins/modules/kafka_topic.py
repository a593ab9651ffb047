#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kafka_topic
short_description: Create, grow, configure and delete Kafka topics
version_added: 0.1.0
description:
  - Makes a list of topics as declared, with one call.
  - The broker validates every change before any is made, so a declaration that it refuses changes nothing.
  - Waits until the cluster shows the topics as declared, with a leader for each partition.
  - Never takes partitions away and never changes a replication factor. Both are refused, before anything is changed.
author:
  - Loggy pipeline authors (@loggy)
extends_documentation_fragment:
  - loggy.pipeline.kafka
attributes:
  check_mode:
    support: full
    description: The broker validates what would be done, and nothing is changed.
  diff_mode:
    support: full
    description: Shows the topics that change, before and after.
options:
  topics:
    description:
      - The topics to reconcile. Topics that are not listed are left alone.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the topic.
        type: str
        required: true
      state:
        description:
          - V(present) creates or changes the topic.
          - V(absent) deletes it with all its records, and waits until it is gone.
        type: str
        choices: [present, absent]
        default: present
      partitions:
        description:
          - Number of partitions. More than the topic has, partitions are added. Fewer is refused.
          - Unset, a topic that exists keeps its number and a new one gets the broker's default.
          - Adding partitions changes which partition a key goes to.
        type: int
      replication_factor:
        description:
          - Number of replicas of each partition. Unset, a new topic gets the broker's default.
          - A topic that exists with another one is refused.
        type: int
      config:
        description:
          - The topic's own configuration, by Kafka's names. Values become text. A list is joined by commas.
          - A value of V(null) removes the topic's own value, so that the broker's default holds again.
          - Keys that are not named are left alone, unless O(topics[].config_exact) is V(true).
          - A key that is named is set on the topic even where its value is the broker's default of today.
        type: dict
      config_exact:
        description:
          - Whether the topic's own values that O(topics[].config) does not name are removed. Needs O(topics[].config).
          - With an empty O(topics[].config) every one of them is removed.
        type: bool
        default: false
  wait_timeout:
    description:
      - Seconds to wait for the cluster to show the change. V(0) looks once.
    type: float
    default: 60.0
"""

EXAMPLES = r"""
- name: Create the topic of the pipeline
  loggy.pipeline.kafka_topic:
    bootstrap_servers: ["127.0.0.1:9092"]
    topics:
      - name: output_tag
        partitions: 3
        replication_factor: 1
        config:
          retention.ms: 604800000
          cleanup.policy: delete

- name: Give a topic its defaults back, and take another one away
  loggy.pipeline.kafka_topic:
    bootstrap_servers: ["broker-0:9093", "broker-1:9093"]
    security_protocol: SASL_SSL
    sasl_mechanism: SCRAM-SHA-512
    username: admin
    password: "{{ kafka_password }}"
    ca_path: /etc/kafka/ca.pem
    topics:
      - name: output_tag
        config: {}
        config_exact: true
      - name: output_old
        state: absent
"""

RETURN = r"""
topics:
  description: Each topic that was asked for, as it is afterwards (in check mode, as it would be).
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the topic.
      type: str
      returned: always
    state:
      description: Whether it exists.
      type: str
      returned: always
    changed:
      description: Whether this topic was changed.
      type: bool
      returned: always
    partitions:
      description: Number of partitions.
      type: int
      returned: when it exists
    replication_factor:
      description: Number of replicas of each partition.
      type: int
      returned: when it exists
    config:
      description: The topic's own values, without the defaults that it inherits.
      type: dict
      returned: when it exists
  sample:
    - name: output_tag
      state: present
      changed: true
      partitions: 3
      replication_factor: 1
      config: {retention.ms: "604800000", cleanup.policy: delete}
reasons:
  description: Why each topic was refused before anything was changed.
  returned: when partitions would be taken away or a replication factor changed
  type: list
  elements: str
  sample: ["topic output_tag has 3 partitions and 1 are declared: Kafka can't take partitions away"]
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.topics import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
