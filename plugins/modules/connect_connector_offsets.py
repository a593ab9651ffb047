#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: connect_connector_offsets
short_description: Read, alter or reset the offsets of a Kafka Connect connector
version_added: 0.1.0
description:
  - Without O(state) it reads the offsets, and changes nothing.
  - Connect changes offsets of a stopped connector only. This module stops a connector that runs or is paused only when
    O(stop=true) says so, and then lets it go on as it did before, also when the change was refused.
  - Reading needs Kafka 3.5 or newer, changing needs Kafka 3.6 or newer.
author:
  - Loggy pipeline authors (@loggy)
extends_documentation_fragment:
  - loggy.pipeline.connect
  - loggy.pipeline.attributes
options:
  name:
    description: Name of the connector.
    type: str
    required: true
  state:
    description:
      - V(altered) sets the offsets of the partitions in O(offsets), and leaves those of other partitions alone.
      - V(reset) removes all offsets, so that the connector begins anew.
    type: str
    choices: [altered, reset]
  offsets:
    description: The offsets, in the form in which Connect returns them. Required with O(state=altered).
    type: list
    elements: dict
    suboptions:
      partition:
        description:
          - What the offset is of.
          - V(kafka_topic) and V(kafka_partition) for a sink connector. What it is for a source connector is in the
            connector's documentation.
        type: dict
        required: true
      offset:
        description:
          - Where the connector is to go on. V(kafka_offset) for a sink connector.
          - Without it, the partition's offset is removed.
        type: dict
  stop:
    description:
      - Whether a connector that is not stopped is stopped for the change, and resumed or paused again after it.
      - Without it, the change of a connector that is not stopped is refused.
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait for a rebalance to end, for the connector to stop, and for it to go on.
    type: float
    default: 120
seealso:
  - module: loggy.pipeline.connect_connectors
"""

EXAMPLES = r"""
- name: See how far a connector is
  loggy.pipeline.connect_connector_offsets:
    urls: [http://connect:8083]
    name: logs-sink
  register: sink

- name: Send everything to Elasticsearch again
  loggy.pipeline.connect_connector_offsets:
    urls: [http://connect:8083]
    name: logs-sink
    state: reset
    stop: true

- name: Go on at another place in one partition
  loggy.pipeline.connect_connector_offsets:
    urls: [http://connect:8083]
    name: logs-sink
    state: altered
    offsets:
      - partition:
          kafka_topic: output_tag
          kafka_partition: 0
        offset:
          kafka_offset: 4711
    stop: true
"""

RETURN = r"""
name:
  description: Name of the connector.
  returned: success
  type: str
  sample: logs-sink
state:
  description: The connector's state before and after the task, in Connect's word.
  returned: success
  type: str
  sample: RUNNING
offsets:
  description: The offsets after the task; in check mode, those that it would set.
  returned: success
  type: list
  elements: dict
  contains:
    partition:
      description: What the offset is of.
      type: dict
      sample: {kafka_topic: output_tag, kafka_partition: 0}
    offset:
      description: How far the connector is.
      type: dict
      sample: {kafka_offset: 4711}
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.connect.connector_offsets import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
