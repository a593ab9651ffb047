#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: connect_logger
short_description: Set log levels of Kafka Connect workers while they run
version_added: 0.1.0
description:
  - Sets levels of loggers without a restart. They last until the worker restarts.
  - Setting a logger sets all loggers below it. Where both are given, this module sets the one above first.
author:
  - Loggy pipeline authors (@loggy)
extends_documentation_fragment:
  - loggy.pipeline.connect
  - loggy.pipeline.attributes
options:
  urls:
    description:
      - REST URLs of the workers. Each of them is asked for its levels.
      - With O(scope=worker) these workers, and no others, are set.
      - One of O(urls) and O(kubernetes) is required.
    type: list
    elements: str
  loggers:
    description:
      - The levels by the name of the logger. V(root) is the root logger.
      - Levels are V(TRACE), V(DEBUG), V(INFO), V(WARN), V(ERROR), V(FATAL) and V(OFF).
    type: dict
    required: true
  scope:
    description:
      - V(worker) sets each worker of O(urls).
      - V(cluster) sets all workers of the cluster, whether listed or not, and waits until those that are listed have
        followed. It needs Kafka 3.7 or newer.
    type: str
    choices: [worker, cluster]
    default: worker
  wait_timeout:
    description: Seconds to wait until the workers have followed, with O(scope=cluster).
    type: float
    default: 30
"""

EXAMPLES = r"""
- name: See what the sink connector does, on all workers
  loggy.pipeline.connect_logger:
    urls: [http://connect:8083]
    scope: cluster
    loggers:
      loggy.connect.elasticsearch: DEBUG

- name: Quieten one worker
  loggy.pipeline.connect_logger:
    urls: [http://connect-2:8083]
    loggers:
      root: WARN
      org.apache.kafka.connect.runtime: INFO
"""

RETURN = r"""
workers:
  description: The workers of O(urls), with the levels that the given loggers have after the task.
  returned: success
  type: list
  elements: dict
  contains:
    url:
      description: The worker's URL.
      type: str
      sample: http://connect:8083
    loggers:
      description: The levels by logger.
      type: dict
      sample: {loggy.connect.elasticsearch: DEBUG}
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.connect.logger import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
