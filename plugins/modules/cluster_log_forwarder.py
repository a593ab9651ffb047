#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_log_forwarder
short_description: Put outputs and pipelines into a ClusterLogForwarder of OpenShift Logging, and take them out again
version_added: 0.1.0
description:
  - Puts named inputs, outputs and pipelines into a C(ClusterLogForwarder) that is there already and somebody's, and
    waits until the operator of OpenShift Logging has observed them.
  - The lists are merged by name. What is somebody else's stays as it is and where it is, even when somebody writes the
    forwarder at the same time. An item of somebody else's that has the name of one of these is never overwritten.
  - What is the pipeline's is noted in the annotation C(loggy.pipeline/forwarder), in the same request. Exactly that is
    taken out by O(state=absent).
  - The operator says what it thinks of each item. When it refuses one, or the whole, the change is taken back, and the
    task fails with its reason. When nothing is said within O(wait_timeout), too.
author:
  - Loggy pipeline authors (@loggy)
extends_documentation_fragment:
  - loggy.pipeline.kubernetes
attributes:
  check_mode:
    support: full
    description: Only reads.
  diff_mode:
    support: full
    description: Shows the lists that change, before and after.
options:
  namespace:
    description:
      - The namespace of the forwarder.
    type: str
    required: true
  name:
    description:
      - Name of the forwarder.
    type: str
    required: true
  api_version:
    description:
      - V(observability.openshift.io/v1) is that of Logging 6, V(logging.openshift.io/v1) that of Logging 5.
      - Default the one that the cluster serves. Where it serves both, the one that has this forwarder.
    type: str
    choices: [observability.openshift.io/v1, logging.openshift.io/v1]
  state:
    description:
      - V(present) puts the items in, and takes out those of an earlier run that are no longer declared.
      - V(absent) takes all of them out and restores what they replaced. A forwarder that this module has made goes,
        unless others have put something into it.
    type: str
    choices: [present, absent]
    default: present
  inputs:
    description:
      - The inputs, as the forwarder of this version takes them, each with a C(name). Not looked at with
        O(state=absent), as the next two.
    type: list
    elements: dict
    default: []
  outputs:
    description:
      - The outputs. One at least with O(state=present).
    type: list
    elements: dict
    default: []
  pipelines:
    description:
      - The pipelines. One at least with O(state=present).
    type: list
    elements: dict
    default: []
  replaces:
    description:
      - What goes through these pipelines only, and no more to the direct store. Pipelines of others that send one of
        these inputs to one of these outputs lose that, and nothing else. A pipeline that has other outputs too is split
        in two.
      - How they were is noted in the annotation, and restored when this is no longer declared, and with
        O(state=absent).
    type: dict
    suboptions:
      inputs:
        description:
          - The inputs, by name.
        type: list
        elements: str
        required: true
      outputs:
        description:
          - The outputs that are the direct store.
        type: list
        elements: str
        required: true
      input:
        description:
          - An input, with a C(name), that the direct store gets in their stead. It stands for what these pipelines
            leave out so as not to feed themselves.
        type: dict
        required: true
  service_account:
    description:
      - Where there is no forwarder of this name, one is made that collects with this service account, which has to have
        the rights. Without, that is refused.
    type: str
    default: ""
  wait:
    description:
      - Whether to wait until the operator has observed it.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds to wait for it.
    type: float
    default: 300.0
"""

EXAMPLES = r"""
- name: Send the applications' logs to Kafka (Logging 6)
  loggy.pipeline.cluster_log_forwarder:
    namespace: openshift-logging
    name: collector
    inputs:
      - name: loggy-application
        type: application
        application:
          excludes:
            - {namespace: loggy, container: kafka}
    outputs:
      - name: loggy
        type: kafka
        kafka:
          brokers: ["tls://my-cluster-kafka-bootstrap.loggy.svc:9093"]
          topic: output_tag
          tuning: {deliveryMode: AtLeastOnce}
          authentication:
            sasl:
              mechanism: SCRAM-SHA-512
              username: {secretName: loggy-collector, key: username}
              password: {secretName: loggy-collector, key: password}
        tls:
          ca: {secretName: my-cluster-cluster-ca-cert, key: ca.crt}
    pipelines:
      - name: loggy
        inputRefs: [loggy-application]
        outputRefs: [loggy]

- name: Send them to the source connector, and no more to the default store (Logging 5)
  loggy.pipeline.cluster_log_forwarder:
    namespace: openshift-logging
    name: instance
    inputs:
      - name: loggy-application
        application:
          excludes:
            - {namespace: loggy, container: kafka}
    outputs:
      - name: loggy
        type: fluentdForward
        url: tcp://src-connector.loggy.svc:24224
    pipelines:
      - name: loggy
        inputRefs: [loggy-application]
        outputRefs: [loggy]
    replaces:
      inputs: [application]
      outputs: [default]
      input:
        name: loggy-own
        application:
          includes:
            - {namespace: loggy, container: kafka}

- name: Take all of it out again
  loggy.pipeline.cluster_log_forwarder:
    namespace: openshift-logging
    name: instance
    state: absent
"""

RETURN = r"""
api_version:
  description: The version of the forwarder. Empty when there was nothing to take out.
  returned: success
  type: str
  sample: observability.openshift.io/v1
inputs:
  description: The names of the inputs that are the pipeline's afterwards (in check mode, would be).
  returned: success
  type: list
  elements: str
  sample: [loggy-application]
outputs:
  description: Those of the outputs.
  returned: success
  type: list
  elements: str
  sample: [loggy]
pipelines:
  description: Those of the pipelines.
  returned: success
  type: list
  elements: str
  sample: [loggy]
replaced:
  description: The names of the pipelines of others that were taken off the direct store.
  returned: success
  type: list
  elements: str
  sample: [all-to-default]
created:
  description: Whether the forwarder is one that this module has made.
  returned: success
  type: bool
  sample: false
reason:
  description: Why the operator refuses it, in its words.
  returned: when it does
  type: str
  sample: 'output loggy: ValidationFailure: secret[openshift-logging/loggy-collector] not found'
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.cluster_logging.forwarder import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
