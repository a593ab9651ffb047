#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: local_program_info
short_description: Show the pipeline's programs on this machine, and wait until they listen
version_added: 0.1.0
description:
  - Asks supervisor for the state of programs.
  - With O(wait_timeout) it waits until each runs and listens, and fails at once, with the end of the program's log,
    when supervisor gave up or the program keeps ending.
author:
  - Loggy pipeline authors (@loggy)
requirements:
  - supervisor
attributes:
  check_mode:
    support: full
    description: It changes nothing.
  diff_mode:
    support: none
    description: It changes nothing.
options:
  socket:
    description: The Unix socket of supervisord.
    type: path
    required: true
  programs:
    description: The programs asked for.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The program's name in supervisor.
        type: str
        required: true
      address:
        description: The address it is to listen on.
        type: str
      port:
        description: The port it is to listen on.
        type: int
  wait_timeout:
    description: How many seconds each program has to come up; V(0) looks once and waits for nothing.
    type: float
    default: 0
"""

EXAMPLES = r"""
- name: Wait until the broker answers
  loggy.pipeline.local_program_info:
    socket: /var/lib/loggy.pipeline/supervisor/supervisor.sock
    programs:
      - name: kafka
        address: 127.0.0.1
        port: 9092
    wait_timeout: 60
"""

RETURN = r"""
programs:
  description: The programs, in the order they were asked for.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The program's name.
      type: str
      sample: kafka
    state:
      description: What supervisor calls its state, or V(ABSENT) when it has no such program.
      type: str
      sample: RUNNING
    declaration:
      description:
        - Whether supervisor runs the program as its file declares it (V(current)), or has not taken the file up yet
          (V(added) or V(changed)).
      type: str
      sample: current
    pid:
      description: Its process, V(0) when there is none.
      type: int
      sample: 4711
    log:
      description: The file with its output.
      type: str
      sample: /var/lib/loggy.pipeline/log/kafka.log
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.local.programs import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
