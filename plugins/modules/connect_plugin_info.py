#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: connect_plugin_info
short_description: Show the plug-ins of Kafka Connect workers, and wait until the workers are ready
version_added: 0.1.0
description:
  - Asks each worker, as plug-ins are installed on each of them, and each lists its own.
  - Tells which of the wanted classes are missing on which worker.
  - With O(wait_timeout) it waits until each worker has started and joined its group, so that it serves as a check
    of readiness.
author:
  - Loggy pipeline authors (@loggy)
extends_documentation_fragment:
  - loggy.pipeline.connect
  - loggy.pipeline.attributes.info
options:
  urls:
    description:
      - REST URLs of the workers. Each of them is asked.
      - One of O(urls) and O(kubernetes) is required.
    type: list
    elements: str
  classes:
    description: Plug-ins that each worker is to have.
    type: list
    elements: dict
    default: []
    suboptions:
      class:
        description: Full name of the class, or its simple name.
        type: str
        required: true
      version:
        description: The exact version. Any without it.
        type: str
      type:
        description: The kind of plug-in. Any without it.
        type: str
        choices: [source, sink, transformation, predicate, converter, header_converter]
  require:
    description: Whether the module fails when one of O(classes) is missing.
    type: bool
    default: false
  wait_timeout:
    description: Seconds that each worker has to become ready. V(0) asks once, and fails when a worker is not ready.
    type: float
    default: 0
seealso:
  - module: loggy.pipeline.connect_connectors
"""

EXAMPLES = r"""
- name: Wait until both workers are ready and have the source connector
  loggy.pipeline.connect_plugin_info:
    urls:
      - http://connect-1:8083
      - http://connect-2:8083
    wait_timeout: 120
    require: true
    classes:
      - class: loggy.connect.forward.ForwardSourceConnector
        version: 0.1.0
        type: source

- name: List what a worker has
  loggy.pipeline.connect_plugin_info:
    urls: [http://connect-1:8083]
  register: connect
"""

RETURN = r"""
workers:
  description: The workers, in the order of O(urls).
  returned: success, and when plug-ins are missing
  type: list
  elements: dict
  contains:
    url:
      description: The worker's URL.
      type: str
      sample: http://connect-1:8083
    version:
      description: Version of Kafka on the worker.
      type: str
      sample: 4.3.1
    commit:
      description: The commit that the worker was built from.
      type: str
      sample: 26b251a451ce941d
    kafka_cluster_id:
      description: The Kafka cluster that the worker is connected to.
      type: str
      sample: 4L6g3nShT-eMCtK--X86sw
    plugins:
      description: What it can run.
      type: list
      elements: dict
      contains:
        class:
          description: Full name of the class.
          type: str
          sample: loggy.connect.forward.ForwardSourceConnector
        type:
          description: The kind of plug-in.
          type: str
          sample: source
        version:
          description: Its version; empty when it has none.
          type: str
          sample: 0.1.0
missing:
  description: Which of O(classes) which worker lacks.
  returned: success, and when plug-ins are missing
  type: list
  elements: dict
  contains:
    url:
      description: The worker's URL.
      type: str
      sample: http://connect-2:8083
    class:
      description: The class that was asked for.
      type: str
      sample: loggy.connect.forward.ForwardSourceConnector
    version:
      description: The version that was asked for.
      type: str
      sample: 0.1.0
    type:
      description: The kind of plug-in that was asked for.
      type: str
      sample: source
    found:
      description: The types and versions in which the worker has a class of this name.
      type: list
      elements: str
      sample: [source 0.0.9]
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.connect.plugin_info import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
