#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: strimzi_connector_objects_info
short_description: Say which KafkaConnectors are to be made, and refuse what would delete a connector
version_added: 0.1.0
description:
  - Strimzi keeps connectors as KafkaConnector resources where their KafkaConnect has the annotation
    C(strimzi.io/use-connector-resources). As soon as it has it, every connector without a resource of its name is
    deleted, those that were made over Connect's REST API included.
  - As long as it does not have it, this asks Connect for its connectors, and fails, with their names, when one would be
    deleted that nobody has asked to delete. With O(adopt), such connectors become resources as they are.
  - A connector is called what its resource is called. One whose name is not legal for a resource can't be adopted.
  - Secrets are taken as references to a ConfigProvider only, V(${secrets:loggy/sink:password}), for a resource shows
    its configuration to all who may read it.
  - It changes nothing. What it returns is to be applied first; then the annotation may be set.
author:
  - Loggy pipeline authors (@loggy)
extends_documentation_fragment:
  - loggy.pipeline.kubernetes
  - loggy.pipeline.connect_below
attributes:
  check_mode:
    support: full
    description: It only reads, and does without what can't be asked.
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
  api:
    description:
      - V(resources) plans resources.
      - V(rest) names the resources of ours that are to be deleted when the annotation is gone, and fails where the
        operator keeps those of somebody else.
    type: str
    choices: [resources, rest]
    default: resources
  connectors:
    description: The connectors, as M(loggy.pipeline.connect_connectors) takes them.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the connector. The resource has a legal name made of it, and so has the connector.
        type: str
        required: true
      config:
        description:
          - The whole configuration. C(connector.class) and C(tasks.max) become fields of their own.
          - Without O(connectors[].config), an existing connector keeps what it has.
        type: dict
      state:
        description: State of the connector and its tasks; V(absent) deletes it.
        type: str
        choices: [running, paused, stopped, absent]
        default: running
  labels:
    description: The labels that tell what is ours. An empty one is refused.
    type: dict
    required: true
  adopt:
    description: Whether connectors that would be deleted become resources as they are.
    type: bool
    default: false
  purge:
    description: Whether resources of ours that are not in O(connectors) are to be deleted. Adopted ones stay.
    type: bool
    default: false
  restart_failed:
    description: Whether the operator is to restart what fails.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait for a worker that is starting, before it is asked.
    type: float
    default: 120
"""

EXAMPLES = r"""
- name: See which resources to make, and which connectors to adopt
  loggy.pipeline.strimzi_connector_objects_info:
    name: my-connect-cluster
    namespace: loggy
    labels:
      app.kubernetes.io/managed-by: loggy.pipeline
    connectors: "{{ connectors }}"
    adopt: true
    connect:
      urls: [http://connect:8083]
  register: planned

- name: Make them
  kubernetes.core.k8s:
    definition: "{{ planned.objects }}"
    apply: true
"""

RETURN = r"""
exists:
  description: Whether the KafkaConnect is there.
  returned: success
  type: bool
annotated:
  description: Whether it has the annotation already.
  returned: success
  type: bool
objects:
  description: The KafkaConnectors to apply, the adopted ones last.
  returned: success
  type: list
  elements: dict
adopted:
  description: The connectors among them that were made over REST and are not declared.
  returned: success
  type: list
  elements: str
  sample: [orders-source]
absent:
  description: The KafkaConnectors to delete.
  returned: success
  type: list
  elements: str
  sample: [old-sink]
connectors:
  description: The connectors that the annotation would delete.
  returned: when it would
  type: list
  elements: str
  sample: [orders-source]
problems:
  description: Why connectors can't be adopted.
  returned: when they can't
  type: list
  elements: str
  sample: ["orders-source: connection.password is a secret, or a mask in place of one, and no reference"]
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module
from ansible_collections.loggy.pipeline.plugins.module_utils.strimzi.connectors_objects import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
