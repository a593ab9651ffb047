#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kubernetes_objects_absent
short_description: Delete what carries the labels given, and nothing else
version_added: 0.1.0
description:
  - Deletes objects of the kinds given, in their order, that carry every one of the labels, and waits until they are
    gone.
  - Of a kind that the cluster does not serve, there is nothing to delete.
author:
  - Loggy pipeline authors (@loggy)
extends_documentation_fragment:
  - loggy.pipeline.kubernetes
attributes:
  check_mode:
    support: full
    description: Says what would be deleted.
  diff_mode:
    support: full
    description: Lists what is deleted.
options:
  kinds:
    description: The kinds to look at.
    type: list
    elements: dict
    required: true
    suboptions:
      api_version:
        description: Group and version.
        type: str
        required: true
      kind:
        description: Kind.
        type: str
        required: true
  labels:
    description: The labels that an object must have. An empty one is refused.
    type: dict
    required: true
  namespace:
    description: The namespace to look in. Unset, all of them.
    type: str
  names:
    description: Only objects of these names. Unset, of any name.
    type: list
    elements: str
  wait_timeout:
    description: Seconds to wait until all are gone. The message names the finalizers that hold one for longer.
    type: float
    default: 180.0
"""

EXAMPLES = r"""
- name: Take the topics out
  loggy.pipeline.kubernetes_objects_absent:
    namespace: loggy
    kinds:
      - {api_version: kafka.strimzi.io/v1, kind: KafkaTopic}
    labels:
      app.kubernetes.io/managed-by: loggy.pipeline
      app.kubernetes.io/part-of: loggy
"""

RETURN = r"""
deleted:
  description: What was deleted, or would be.
  returned: success
  type: list
  elements: str
  sample: ["KafkaTopic output-tag in namespace loggy"]
last_state:
  description: What was still there, and what holds it.
  returned: when it took too long
  type: str
  sample: "KafkaTopic output-tag in namespace loggy is held by strimzi.io/topic-operator"
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes.objects_absent import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
