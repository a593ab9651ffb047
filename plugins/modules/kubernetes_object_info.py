#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kubernetes_object_info
short_description: Wait until objects of a cluster are ready, or gone
version_added: 0.1.0
description:
  - Waits until each object is ready by what its controller has observed. A status that is about an older generation of
    the object does not count.
  - Knows the resources of Strimzi, Deployments, DaemonSets, StatefulSets, Jobs, Pods, CustomResourceDefinitions,
    PersistentVolumeClaims, OLM's Subscriptions and ClusterServiceVersions, OpenShift's Builds and Routes. Of another
    kind, an object is ready when it is there.
  - Fails at once when an object says that it can't become ready, and after O(patience) when one of its pods can't run.
    The first line of the message says why; the events and the last log lines of the pod concerned follow.
  - The API server tells of each change; nothing is polled. It changes nothing.
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
  objects:
    description: The objects.
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
      name:
        description: Name.
        type: str
        required: true
      namespace:
        description: Namespace, where it is not O(namespace). What is in no namespace needs none.
        type: str
  namespace:
    description: The namespace of the objects that name none.
    type: str
  state:
    description:
      - V(ready) waits until all are ready.
      - V(absent) waits until none is there any more, finalizers included.
      - V(any) looks once, and tells what is there.
    type: str
    choices: [ready, absent, any]
    default: ready
  wait_timeout:
    description: Seconds to wait. V(0) looks once.
    type: float
    default: 300.0
  patience:
    description:
      - Seconds for which a pod may be in trouble, such as an image that can't be pulled, no node to run on, or a
        container that ends again and again. Some of it heals by itself.
    type: float
    default: 20.0
"""

EXAMPLES = r"""
- name: Wait for Kafka and Kafka Connect
  loggy.pipeline.kubernetes_object_info:
    namespace: loggy
    objects:
      - {api_version: kafka.strimzi.io/v1, kind: Kafka, name: my-cluster}
      - {api_version: kafka.strimzi.io/v1, kind: KafkaConnect, name: my-connect-cluster}

- name: Wait until a topic is gone
  loggy.pipeline.kubernetes_object_info:
    namespace: loggy
    state: absent
    wait_timeout: 60
    objects:
      - {api_version: kafka.strimzi.io/v1, kind: KafkaTopic, name: output-tag}
"""

RETURN = r"""
objects:
  description: Each object that was asked for.
  returned: success
  type: list
  elements: dict
  contains:
    api_version:
      description: Group and version.
      type: str
      returned: always
    kind:
      description: Kind.
      type: str
      returned: always
    name:
      description: Name.
      type: str
      returned: always
    namespace:
      description: Namespace; none for what is in none.
      type: str
      returned: always
    exists:
      description: Whether it is there.
      type: bool
      returned: always
    ready:
      description: Whether it is there and ready.
      type: bool
      returned: always
    state:
      description: The same in words.
      type: str
      returned: always
    status:
      description: Its status; empty when it has none.
      type: dict
      returned: always
  sample:
    - {api_version: kafka.strimzi.io/v1, kind: Kafka, name: my-cluster, namespace: loggy, ready: true, state: ready}
reason:
  description: Why an object can't become ready.
  returned: when it can't
  type: str
  sample: "InvalidResourceException: a listener has no port"
events:
  description: The newest warnings about the object and its pods, oldest first.
  returned: when it can't become ready
  type: list
  elements: str
  sample: ["Failed: Failed to pull image kafka:missing"]
log:
  description: The last lines that the pod in trouble logged.
  returned: when it can't become ready
  type: list
  elements: str
  sample: ["Exception in thread main"]
last_state:
  description: What was seen last.
  returned: when it took too long
  type: str
  sample: "Kafka my-cluster in namespace loggy: Creating: Kafka cluster is being deployed"
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes.object_info import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
