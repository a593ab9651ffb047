#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: strimzi_connector_info
short_description: Wait until connectors that are resources run, or are let go
version_added: 0.1.0
description:
  - Waits until the operator has observed each KafkaConnector, has it ready, and reports its connector and every one of
    its tasks in the state that the resource asks for.
  - Fails when one has failed, with the trace. One that the operator restarts has to fail again after two restarts.
  - The operator looks at a connector when its resource is changed, and every two minutes.
author:
  - Loggy pipeline authors (@loggy)
extends_documentation_fragment:
  - loggy.pipeline.kubernetes
attributes:
  check_mode:
    support: full
    description: Looks once, and waits for nothing.
  diff_mode:
    support: none
    description: It changes nothing.
options:
  name:
    description: The KafkaConnect.
    type: str
    required: true
  namespace:
    description: Its namespace.
    type: str
    required: true
  api_version:
    description: Group and version of Strimzi's resources.
    type: str
    default: kafka.strimzi.io/v1
  names:
    description: The KafkaConnectors. All of them without it.
    type: list
    elements: str
  state:
    description:
      - V(ready) waits until each is as it is wanted.
      - V(released) waits until the operator has observed that the KafkaConnect has no annotation
        C(strimzi.io/use-connector-resources) any more. Before that, deleting a KafkaConnector may delete its
        connector.
    type: str
    choices: [ready, released]
    default: ready
  wait_timeout:
    description: Seconds to wait. V(0) looks once.
    type: float
    default: 300.0
  patience:
    description: Seconds that a failure from before gets to heal.
    type: float
    default: 20.0
"""

EXAMPLES = r"""
- name: Wait for the connectors
  loggy.pipeline.strimzi_connector_info:
    name: my-connect-cluster
    namespace: loggy
"""

RETURN = r"""
connectors:
  description: Each connector, by the name of its resource.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the resource, and of the connector.
      type: str
      sample: logs-sink
    ready:
      description: Whether it is as it is wanted.
      type: bool
    state:
      description: The connector's state in Connect's word, or V(ABSENT).
      type: str
      sample: RUNNING
    tasks:
      description: Its tasks, each with id, state and worker_id.
      type: list
      elements: dict
      sample: [{id: 0, state: RUNNING, worker_id: "10.0.0.7:8083"}]
    said:
      description: All of this in words.
      type: str
      sample: ready
released:
  description: Whether the operator has let the connectors go.
  returned: with O(state=released)
  type: bool
reason:
  description: Why a connector can't become ready.
  returned: when it can't
  type: str
last_state:
  description: What was seen last.
  returned: when it took too long
  type: str
  sample: "logs-sink: RUNNING, 0/1 tasks"
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module
from ansible_collections.loggy.pipeline.plugins.module_utils.strimzi.connectors_wait import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
