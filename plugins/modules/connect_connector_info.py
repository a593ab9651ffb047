#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: connect_connector_info
short_description: Show the connectors of a Kafka Connect cluster, and how they are
version_added: 0.1.0
description:
  - Reads connectors with their configuration, their state, their tasks, and their health in one line.
  - Secrets in configurations are shown as V((set)).
author:
  - Loggy pipeline authors (@loggy)
extends_documentation_fragment:
  - loggy.pipeline.connect
  - loggy.pipeline.attributes.info
options:
  names:
    description: The connectors to show. All of them without it.
    type: list
    elements: str
  offsets:
    description: Whether to read the offsets of each connector. It needs Kafka 3.5 or newer.
    type: bool
    default: false
  topics:
    description: Whether to read the topics that each connector has used.
    type: bool
    default: false
seealso:
  - module: loggy.pipeline.connect_connectors
"""

EXAMPLES = r"""
- name: Look at the connectors
  loggy.pipeline.connect_connector_info:
    urls: [http://connect:8083]
  register: connect

- name: Show the health of each in one line
  ansible.builtin.debug:
    msg: "{{ connect.connectors | items2dict(key_name='name', value_name='health') }}"

- name: See how far a sink has read
  loggy.pipeline.connect_connector_info:
    urls: [http://connect:8083]
    names: [logs-sink]
    offsets: true
"""

RETURN = r"""
connectors:
  description: The connectors, by name.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the connector.
      type: str
      sample: logs-sink
    type:
      description: V(source) or V(sink).
      type: str
      sample: sink
    state:
      description: Its state in Connect's word; V(NO STATUS) as long as no worker has taken it.
      type: str
      sample: RUNNING
    worker_id:
      description: The worker that runs it.
      type: str
      sample: 10.0.0.7:8083
    trace:
      description: First lines of its failure; empty when there is none.
      type: str
      sample: ""
    tasks:
      description: Its tasks, each with id, state, worker_id and trace.
      type: list
      elements: dict
      sample: [{id: 0, state: RUNNING, worker_id: "10.0.0.7:8083", trace: ""}]
    health:
      description: All of this in one line.
      type: str
      sample: RUNNING, 1/1 tasks
    config:
      description: Its configuration, without secrets.
      type: dict
      sample: {connector.class: FileStreamSink, file: /tmp/out, topics: output_tag}
    offsets:
      description: Its offsets, as Connect returns them.
      returned: with O(offsets=true)
      type: list
      elements: dict
      sample: [{partition: {kafka_topic: output_tag, kafka_partition: 0}, offset: {kafka_offset: 101}}]
    topics:
      description: The topics that it has used.
      returned: with O(topics=true)
      type: list
      elements: str
      sample: [output_tag]
missing:
  description: Which of O(names) do not exist.
  returned: success
  type: list
  elements: str
  sample: []
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.connect.connector_info import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
