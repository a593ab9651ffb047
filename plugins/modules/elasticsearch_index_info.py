#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: elasticsearch_index_info
short_description: List Elasticsearch indices, and wait for the cluster
version_added: 0.1.0
description:
  - Lists indices with their health, number of documents, size, aliases, and the blocks that forbid writing to them.
  - With O(wait_for_status) it first waits until the cluster answers and its health is at least that.
author:
  - Loggy pipeline authors (@loggy)
extends_documentation_fragment:
  - loggy.pipeline.elasticsearch
attributes:
  check_mode:
    support: full
    description: Reads in check mode too.
  diff_mode:
    support: none
    description: Changes nothing.
options:
  index:
    description:
      - Names or patterns of indices, aliases or data streams.
      - A pattern may match nothing. A name that does not exist is an error.
    type: list
    elements: str
    default: ["*"]
  hidden:
    description:
      - Whether hidden indices and those of the system (their names begin with a dot) are listed, too.
      - A pattern that begins with a dot lists them anyway.
    type: bool
    default: false
  wait_for_status:
    description:
      - Waits until the health of the cluster is at least this. A server that does not answer yet is waited for, too.
      - On a single node V(green) never comes while an index wants replicas.
      - Unset, the cluster has to answer at once, with whatever health.
    type: str
    choices: [yellow, green]
  wait_timeout:
    description:
      - Seconds to wait for O(wait_for_status). V(0) looks once.
    type: float
    default: 60.0
"""

EXAMPLES = r"""
- name: Wait for Elasticsearch
  loggy.pipeline.elasticsearch_index_info:
    urls: ["http://127.0.0.1:9200"]
    wait_for_status: yellow
    wait_timeout: 120

- name: List the indices of the pipeline
  loggy.pipeline.elasticsearch_index_info:
    urls: ["https://es-0:9200", "https://es-1:9200"]
    username: loggy
    password: "{{ elasticsearch_password }}"
    ca_path: /etc/elasticsearch/ca.pem
    index: ["logs-*"]
  register: logs

- name: Refuse to go on while an index takes no writes
  ansible.builtin.assert:
    that: logs.indices | rejectattr('blocks', 'equalto', []) | length == 0
"""

RETURN = r"""
indices:
  description: The indices, by name.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the index.
      type: str
      returned: always
    uuid:
      description: Its identity. An index that was deleted and made again has another one.
      type: str
      returned: always
    health:
      description: green, yellow or red. Null for some closed indices.
      type: str
      returned: always
    status:
      description: open or close.
      type: str
      returned: always
    primaries:
      description: Number of primary shards.
      type: int
      returned: always
    replicas:
      description: Number of further copies of each.
      type: int
      returned: always
    documents:
      description: Number of documents that a search can see. Null while it is closed or no shard is started.
      type: int
      returned: always
    bytes:
      description: Bytes on disk, of all copies. Null while it is closed or no shard is started.
      type: int
      returned: always
    blocks:
      description: What is forbidden. Any of write, read, metadata, read_only, read_only_allow_delete.
      type: list
      elements: str
      returned: always
    aliases:
      description: Names of its aliases.
      type: list
      elements: str
      returned: always
  sample:
    - name: logs-output_tag-2026.11.22
      uuid: Pc446W0vRvij-g7UemFpcA
      health: yellow
      status: open
      primaries: 1
      replicas: 1
      documents: 101
      bytes: 36192
      blocks: []
      aliases: [logs]
cluster:
  description: The cluster's name, status, number of nodes, and number of shards that no node holds.
  returned: success
  type: dict
  sample: {name: elasticsearch, status: green, nodes: 1, unassigned_shards: 0}
server:
  description: Distribution and version.
  returned: success
  type: dict
  sample: {distribution: elasticsearch, version: 8.19.21}
last_state:
  description: The state that was seen last.
  returned: when the health did not come in time
  type: str
  sample: red, 1 nodes, 2 unassigned shards
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.elasticsearch.index_info import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
