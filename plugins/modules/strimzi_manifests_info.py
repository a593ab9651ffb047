#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: strimzi_manifests_info
short_description: Read Strimzi's release manifests, and make them fit a namespace
version_added: 0.1.0
description:
  - The release writes one namespace into its bindings. This puts in the one that is wanted, makes a binding for each
    namespace that is watched, tells the operator which they are, and adds labels.
  - Refuses a release that drops a version that some objects of the cluster are still stored in. An API server would
    do so in the middle of the upgrade.
  - It changes nothing. What it returns is for M(kubernetes.core.k8s), those definitions that server-side apply would
    make or change, as it is asked by a dry run. A release is a megabyte, which Ansible then need not carry about.
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
  path:
    description: The release, as one file, or as a folder with C(*.yaml) files, on the host that runs the task.
    type: path
    required: true
  namespace:
    description: The operator's own namespace.
    type: str
    required: true
  watched_namespaces:
    description: The namespaces whose resources it is to see; V(*) for all. Empty is its own.
    type: list
    elements: str
    default: []
  labels:
    description:
      - Labels for each object. What is in no namespace and was there before, without them, gets none of them.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Read the release
  loggy.pipeline.strimzi_manifests_info:
    path: /opt/strimzi/install/cluster-operator
    namespace: loggy
    field_manager: loggy.pipeline
  register: strimzi

- name: Apply it
  kubernetes.core.k8s:
    definition: "{{ strimzi.definitions }}"
    apply: true
    server_side_apply:
      field_manager: loggy.pipeline
  when: strimzi.definitions | length > 0
"""

RETURN = r"""
definitions:
  description: The definitions that would make or change something, made to fit.
  returned: success
  type: list
  elements: dict
awaited:
  description: Those to wait for, as M(loggy.pipeline.kubernetes_object_info) takes them.
  returned: success
  type: list
  elements: dict
  sample: [{api_version: apps/v1, kind: Deployment, name: strimzi-cluster-operator, namespace: loggy}]
can_be_applied:
  description: Whether the namespaces of all of them are there.
  returned: success
  type: bool
dropped:
  description: Each definition with the version that it would lose.
  returned: when the release drops a version that is still stored
  type: list
  elements: str
  sample: ["kafkas.kafka.strimzi.io v1beta2"]
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module
from ansible_collections.loggy.pipeline.plugins.module_utils.strimzi.manifests_info import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
