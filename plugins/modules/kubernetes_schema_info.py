#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kubernetes_schema_info
short_description: Say which kinds a cluster serves, and whether definitions fit their schemas
version_added: 0.1.0
description:
  - Compares definitions with the schemas that the cluster itself serves, before anything is sent. What is misspelt,
    missing or of another type is named with its path.
  - Needs no right beyond that of asking what the cluster serves, which every account has. It changes nothing.
author:
  - Loggy pipeline authors (@loggy)
extends_documentation_fragment:
  - loggy.pipeline.kubernetes
attributes:
  check_mode:
    support: full
    description: It only reads.
  diff_mode:
    support: none
    description: It changes nothing.
options:
  groups:
    description: The API groups to tell of.
    type: list
    elements: str
    default: []
  definitions:
    description: The definitions to compare. One that does not fit fails the task.
    type: list
    elements: dict
    default: []
  require_kinds:
    description: Whether the cluster must serve the kind of each definition.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Ask which versions of Strimzi's resources there are
  loggy.pipeline.kubernetes_schema_info:
    groups: [kafka.strimzi.io]
  register: strimzi

- name: Refuse what the cluster would not take
  loggy.pipeline.kubernetes_schema_info:
    definitions: "{{ lookup('ansible.builtin.template', 'kafka.yml.j2') | from_yaml_all | list }}"
"""

RETURN = r"""
groups:
  description: For each group its kinds, each with the versions that are served, the preferred one first.
  returned: success
  type: dict
  sample: {kafka.strimzi.io: {Kafka: [v1, v1beta2], KafkaTopic: [v1, v1beta2]}}
missing:
  description: The kinds of the definitions that are not served.
  returned: success
  type: list
  elements: str
  sample: ["KafkaTopic of kafka.strimzi.io/v1"]
problems:
  description: What does not fit.
  returned: when something does not fit
  type: list
  elements: str
  sample: ["Kafka my-cluster: spec.kafka.listners: there is no such field; did you mean listeners?"]
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes.schema_info import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
