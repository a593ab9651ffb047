#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fluentd_configmap
short_description: Put stores into the ConfigMap that a cluster's Fluentd includes, and take them out again
version_added: 0.1.0
description:
  - Puts C(<store>) sections into keys of a ConfigMap that Fluentd includes inside a C(<match>) of C(@type copy), such
    as C(logging-fluentd) of OpenShift's EFK logging, and has every pod of Fluentd start anew with them.
  - The pipeline's part of a key stands between two marker lines. The rest of the key, and all other keys, stay byte for
    byte as they are, even when somebody else writes the ConfigMap at the same time.
  - Before its first change, each key is kept in the ConfigMap C(<name>-loggy-backup), which later runs never overwrite.
  - Fluentd itself reads the new configuration in a throw-away pod before anything is changed. When it refuses, nothing
    is.
  - When a pod does not come up with the new configuration, keys and pods are put back as they were before this run, and
    the task fails with what the pod says. What a run that was interrupted has left is done by the next one.
author:
  - Loggy pipeline authors (@loggy)
extends_documentation_fragment:
  - loggy.pipeline.kubernetes
attributes:
  check_mode:
    support: full
    description: Only reads, and does not have Fluentd read the configuration, since that takes a pod.
  diff_mode:
    support: full
    description: Shows the keys that change, before and after, with secrets such as C(shared_key) masked.
options:
  namespace:
    description:
      - The namespace of the ConfigMap and the workload.
    type: str
    required: true
  name:
    description:
      - Name of the ConfigMap.
    type: str
    required: true
  state:
    description:
      - V(present) puts the stores in. The ConfigMap and the workload have to be there.
      - V(absent) takes out all that stands between the markers, and the keys, the annotation and the backup that this
        module has made. It is done as far as ConfigMap and workload are still there, and it is not put back when pods
        do not come up.
    type: str
    choices: [present, absent]
    default: present
  files:
    description:
      - The keys with their stores, all of them. Where a key that is not listed has a part between the markers, that
        part is taken out.
      - Required, and not empty, with O(state=present). Not looked at with O(state=absent).
    type: list
    elements: dict
    suboptions:
      key:
        description:
          - The key of the ConfigMap, which is the name of the file, such as V(output-extra-kafka.conf).
        type: str
        required: true
      store:
        description:
          - One or more C(<store>) sections, whole, with nothing beside them but comments.
        type: str
        required: true
  workload:
    description:
      - What runs Fluentd with the ConfigMap. The annotation C(loggy.pipeline/configuration) of its pod template is set
        to a digest of the keys, so that its pods are replaced as its update strategy says. With the strategy
        C(OnDelete) this module deletes them, one by one.
    type: dict
    required: true
    suboptions:
      kind:
        description:
          - Kind of the workload.
        type: str
        choices: [DaemonSet, Deployment, StatefulSet]
        default: DaemonSet
      name:
        description:
          - Name of the workload.
        type: str
        required: true
  dry_run:
    description:
      - How Fluentd reads the configuration before it is put in place, in a pod with the environment, the account, the
        secrets and the other ConfigMaps of the workload's container, and without its disks.
    type: dict
    suboptions:
      enabled:
        description:
          - Whether it does.
        type: bool
        default: true
      image:
        description:
          - The image. Default that of the workload's first container that mounts the ConfigMap.
        type: str
      command:
        description:
          - What to run in it, to end with 0 when the configuration is good. Default C(fluentd --dry-run -c) with the
            ConfigMap's own C(fluent.conf) where it has one, else with C(/etc/fluent/fluent.conf).
        type: list
        elements: str
  min_ready_seconds:
    description:
      - How many seconds a pod has to have run without a restart before it counts as running with the new configuration,
        where a container of it has no readiness probe. Such a pod is ready for Kubernetes as soon as its process has
        begun, also when that can't use the configuration and ends a moment later.
      - It is not waited for when nothing changes.
    type: float
    default: 10.0
  wait_timeout:
    description:
      - Seconds to wait for the check, then for all pods, and once more for the old ones when they are put back.
    type: float
    default: 600.0
"""

EXAMPLES = r"""
- name: Send application and operations logs to the source connector
  loggy.pipeline.fluentd_configmap:
    namespace: openshift-logging
    name: logging-fluentd
    files:
      - key: output-extra-kafka.conf
        store: |
          <store>
            @type forward
            heartbeat_type none
            require_ack_response true
            <server>
              host src-connector.myproject.svc
              port 24224
            </server>
          </store>
      - key: output-ops-extra-kafka.conf
        store: "{{ lookup('ansible.builtin.template', 'ops-store.conf.j2') }}"
    workload:
      kind: DaemonSet
      name: logging-fluentd

- name: Take them out again
  loggy.pipeline.fluentd_configmap:
    namespace: openshift-logging
    name: logging-fluentd
    state: absent
    workload:
      name: logging-fluentd
"""

RETURN = r"""
keys:
  description: The keys that are declared, and those that change.
  returned: success
  type: list
  elements: dict
  contains:
    key:
      description: The key.
      type: str
      returned: always
    state:
      description: Whether the ConfigMap has it afterwards (in check mode, would have it), C(present) or C(absent).
      type: str
      returned: always
    changed:
      description: Whether this key was changed.
      type: bool
      returned: always
  sample:
    - key: output-extra-kafka.conf
      state: present
      changed: true
configuration:
  description: The digest of the declared keys, which the workload's annotation has. Empty with O(state=absent).
  returned: success
  type: str
  sample: 6a4e0b1ad2c5f6e3b2a9f7a84d1d9c2c4f2d7a3c1a0d5f8b9e6c7d2e1f0a3b4c
checked:
  description: Whether Fluentd itself has read the configuration. It does so only before a change.
  returned: success
  type: bool
  sample: true
rolled:
  description: Whether the pods were replaced.
  returned: success
  type: bool
  sample: true
backup:
  description: Name of the ConfigMap with the original keys. Empty with O(state=absent), which removes it.
  returned: success
  type: str
  sample: logging-fluentd-loggy-backup
reasons:
  description: Why the declaration was refused before anything was changed.
  returned: when it was refused
  type: list
  elements: str
  sample: ["the store of output-extra-kafka.conf: <server> of line 3 is not closed"]
pod:
  description: The pod that did not come up.
  returned: when one did not
  type: str
  sample: logging-fluentd-x7k2p
reason:
  description: Why it did not.
  returned: when it is known
  type: str
  sample: "container fluentd: CrashLoopBackOff: back-off 10s restarting failed container"
log:
  description: The last lines of the pod that did not come up, or of Fluentd when it refuses the configuration.
  returned: when there are any
  type: list
  elements: str
  sample: ["[error]: config error file=\"/etc/fluent/fluent.conf\" error=\"Unknown output plugin 'forwrad'\""]
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.fluentd.configmap import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
