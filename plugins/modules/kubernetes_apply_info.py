#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kubernetes_apply_info
short_description: Say which definitions server-side apply would change
version_added: 0.1.0
description:
  - Asks the API server what it would make of each definition, by a dry run of server-side apply, and compares that with
    what is there. It changes nothing.
  - Before that, the definitions are compared with the schemas that the cluster serves, as
    M(loggy.pipeline.kubernetes_schema_info) does.
  - What would be refused, as for a field that somebody else manages, is named with its object before anything is sent.
  - With it, M(kubernetes.core.k8s) has to be called only where something changes. It takes two requests for each
    definition, and no start of Python.
author:
  - Loggy pipeline authors (@loggy)
extends_documentation_fragment:
  - loggy.pipeline.kubernetes
  - loggy.pipeline.kubernetes.apply
attributes:
  check_mode:
    support: full
    description: It only reads.
  diff_mode:
    support: none
    description: It changes nothing.
options:
  definitions:
    description:
      - The definitions to ask about. One that would be refused fails the task.
      - The account needs the right to patch what they name.
    type: list
    elements: dict
    required: true
  require_kinds:
    description:
      - Whether the cluster must serve the kind of each definition, and have its namespace. Without, as in check mode
        before these are made, such a definition is told of in RV(unknown).
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Ask what is to be done
  loggy.pipeline.kubernetes_apply_info:
    definitions: "{{ topics }}"
    field_manager: loggy.pipeline
  register: asked

- name: Do it
  kubernetes.core.k8s:
    definition: "{{ asked.definitions }}"
    apply: true
    server_side_apply:
      field_manager: loggy.pipeline
  when: asked.definitions | length > 0
"""

RETURN = r"""
definitions:
  description: Those that would make or change something, as they were given.
  returned: success
  type: list
  elements: dict
  sample:
    - apiVersion: kafka.strimzi.io/v1
      kind: KafkaTopic
      metadata: {name: output-tag, namespace: loggy}
      spec: {partitions: 3}
unknown:
  description: The objects of a kind, or in a namespace, that the cluster does not have. They would be made.
  returned: success
  type: list
  elements: str
  sample: ["KafkaTopic output-tag"]
problems:
  description: What does not fit its schema.
  returned: when something does not fit
  type: list
  elements: str
  sample: ["Kafka my-cluster: spec.kafka.listners: there is no such field; did you mean listeners?"]
refused:
  description: The objects that the API server would refuse a change of.
  returned: when some would be refused
  type: list
  elements: str
  sample: ["KafkaTopic output-tag"]
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes.apply_info import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
