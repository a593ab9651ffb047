#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: local_programs_stopped
short_description: End the pipeline's supervisord and every program that it runs or ran
version_added: 0.1.0
description:
  - Ends supervisord, which ends its programs, and then whatever program still works in the state folder, such as the
    programs that a supervisord left behind when it was killed.
  - It takes a process for the pipeline's own only when its working folder is in O(folder).
author:
  - Loggy pipeline authors (@loggy)
requirements:
  - psutil
attributes:
  check_mode:
    support: full
    description: It ends nothing, and returns what it would end.
  diff_mode:
    support: none
    description: What is ended is in RV(stopped).
options:
  pid_file:
    description: The file in which supervisord notes its process.
    type: path
    required: true
  folder:
    description: The state folder, in which supervisord and each program work.
    type: path
    required: true
  timeout:
    description: How many seconds they have to end.
    type: float
    default: 60
"""

EXAMPLES = r"""
- name: Stop the pipeline
  loggy.pipeline.local_programs_stopped:
    pid_file: /var/lib/loggy.pipeline/supervisor/supervisord.pid
    folder: /var/lib/loggy.pipeline
"""

RETURN = r"""
stopped:
  description: The processes that were ended, supervisord first.
  returned: success
  type: list
  elements: dict
  contains:
    pid:
      description: The process.
      type: int
      sample: 4711
    name:
      description: Its program.
      type: str
      sample: java
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.local.stop import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
