#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: connect_connectors
short_description: Make the connectors of a Kafka Connect cluster what they are declared to be
version_added: 0.1.0
description:
  - Creates, configures, pauses, stops, resumes, restarts and deletes connectors, all of a list with one task.
  - Everything is read with one request. Every configuration that is to be sent is validated by the worker before
    anything is changed, and the errors of all of them are reported at once, field by field.
  - Changes are sent in parallel. A rebalance that is under way is waited out.
  - Then it waits until each connector and each of its tasks has its state, and fails at once, with the task's trace,
    when one failed.
  - Secrets never appear in results, diffs or errors. These are the values of keys that look like passwords, and of
    those that the plug-in declares as passwords. A reference to a ConfigProvider,
    V(${file:/etc/secrets:password}), is no secret; it is compared, and shown, as the reference that it is.
author:
  - Loggy pipeline authors (@loggy)
extends_documentation_fragment:
  - loggy.pipeline.connect
  - loggy.pipeline.attributes
options:
  connectors:
    description: The connectors. Those that are not listed are left alone, unless O(purge) says otherwise.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the connector.
          - Workers from Kafka 4.0 on can't be asked for a name that holds a V(/) or V(%).
        type: str
        required: true
      config:
        description:
          - The whole configuration. A key that is not in it is removed from the connector.
          - Values may be scalars of any type, or lists of scalars, which are joined with commas.
          - A null is a key that is not there.
          - Without O(connectors[].config), an existing connector keeps what it has.
        type: dict
      state:
        description:
          - State of the connector and its tasks.
          - V(stopped) has no tasks any more, and lets offsets be changed. It needs Kafka 3.5 or newer.
          - V(absent) deletes the connector. Its offsets stay, as Connect does not delete them with it.
        type: str
        choices: [running, paused, stopped, absent]
        default: running
  purge:
    description:
      - Whether connectors that are not in O(connectors), and whose names begin with O(purge_prefix), are deleted.
    type: bool
    default: false
  purge_prefix:
    description:
      - What the names of connectors that may be purged begin with. Required, and not empty, with O(purge=true).
    type: str
  validate_configs:
    description:
      - Whether the worker validates each configuration that is to be created or changed, before anything is changed.
      - A class that the worker does not have is refused in any case, naming those that it has.
    type: bool
    default: true
  restart_failed:
    description:
      - Whether a connector or task that has failed is restarted, once. Those that run are not touched.
      - Without it, a failed task of a listed connector makes the module fail (with O(wait=true)).
    type: bool
    default: true
  wait:
    description: Whether to wait until each listed connector, and each of its tasks, has its state.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait for a rebalance to end at each change, and for the states after the changes.
    type: float
    default: 120
seealso:
  - module: loggy.pipeline.connect_connector_info
  - module: loggy.pipeline.connect_connector_offsets
  - module: loggy.pipeline.connect_plugin_info
"""

EXAMPLES = r"""
- name: Run two connectors, and no other whose name begins with logs-
  loggy.pipeline.connect_connectors:
    urls:
      - http://connect-1:8083
      - http://connect-2:8083
    purge: true
    purge_prefix: logs-
    connectors:
      - name: logs-source
        config:
          connector.class: loggy.connect.forward.ForwardSourceConnector
          tasks.max: 1
          topic: output_tag
      - name: logs-sink
        config:
          connector.class: loggy.connect.elasticsearch.ElasticsearchSinkConnector
          tasks.max: 2
          topics: [output_tag]
          connection.password: "${file:/etc/connect/secrets.properties:elasticsearch}"

- name: Pause a connector as it is
  loggy.pipeline.connect_connectors:
    urls: [https://connect:8083]
    ca_path: /etc/pki/connect-ca.pem
    username: operator
    password: "{{ connect_password }}"
    connectors:
      - name: logs-sink
        state: paused

- name: Delete a connector
  loggy.pipeline.connect_connectors:
    urls: [http://connect:8083]
    connectors:
      - name: logs-sink
        state: absent
"""

RETURN = r"""
connectors:
  description:
    - Each listed connector, and each purged one, as it is after the run.
    - Also returned when the module fails after it had changed something.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the connector.
      type: str
      sample: logs-sink
    state:
      description: Its state in Connect's word, or V(ABSENT). In check mode, the state that it would have.
      type: str
      sample: RUNNING
    tasks:
      description: Its tasks.
      type: list
      elements: dict
      contains:
        id:
          description: Number of the task.
          type: int
          sample: 0
        state:
          description: Its state in Connect's word.
          type: str
          sample: RUNNING
        worker_id:
          description: The worker that runs it.
          type: str
          sample: 10.0.0.7:8083
    changes:
      description:
        - What was changed, of V(created), V(config), V(state), V(restarted) and V(deleted). Empty when nothing was.
      type: list
      elements: str
      sample: [config, restarted]
errors:
  description: What the worker, or this module, found wrong in the configurations.
  returned: when configurations are refused
  type: list
  elements: dict
  contains:
    connector:
      description: Name of the connector.
      type: str
      sample: logs-sink
    field:
      description: Key in its configuration.
      type: str
      sample: tasks.max
    errors:
      description: What is wrong with it.
      type: list
      elements: str
      sample: ["Invalid value two for configuration tasks.max: Not a number of type INT"]
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.connect.connectors import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
