#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: local_preflight
short_description: Check a machine before the pipeline's programs start on it
version_added: 0.1.0
description:
  - Looks at ports, disks, memory, the JDK, commands and folders, and fails with all problems at once, one line each.
  - Changes nothing. A port is tried by binding it for a moment.
author:
  - Loggy pipeline authors (@loggy)
requirements:
  - psutil
attributes:
  check_mode:
    support: full
    description: Does the same, as it changes nothing.
  diff_mode:
    support: none
    description: There is nothing to show.
options:
  listeners:
    description:
      - Where programs are going to listen. Each port must be free, or held by a process below the supervisor of
        O(supervisor_pid_file). Any other holder is named.
      - Two listeners that would be in each other's way are refused.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The program's name, for the message.
        type: str
        required: true
      address:
        description: Address or host name to listen on.
        type: str
        required: true
      port:
        description: TCP port.
        type: int
        required: true
  supervisor_pid_file:
    description: The file with the process id of the supervisor that runs our programs. It need not exist.
    type: path
  disk:
    description: Disk space that must be left.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: A folder. If it is not there yet, the nearest one above it counts.
        type: path
        required: true
      minimum_mib:
        description:
          - MiB that must be left to this user. Each path is judged by itself, also when they share a file system.
        type: int
        required: true
  memory_mib:
    description: MiB of memory that must be available.
    type: int
  java:
    description:
      - Asks for a JDK, with its compiler. Unless one is named, it is looked for by E(JAVA_HOME), on E(PATH) and in
        C(/usr/lib/jvm), where the lowest good version is taken.
    type: dict
    suboptions:
      executable:
        description: The C(java) command, a name or a path.
        type: str
      java_home:
        description: The JDK's folder.
        type: path
      minimum:
        description: Lowest feature version.
        type: int
        default: 17
  commands:
    description: Commands that must be there.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: A name on E(PATH), or a path.
        type: str
        required: true
      package:
        description: The package to install when it is missing, for the message.
        type: str
        default: ""
  writable:
    description: Folders in which this user must be able to make files, or that it must be able to make.
    type: list
    elements: path
    default: []
"""

EXAMPLES = r"""
- name: Check ports, disk, memory, JDK and Maven
  loggy.pipeline.local_preflight:
    listeners:
      - {name: Kafka, address: 127.0.0.1, port: 9092}
      - {name: Kafka Connect, address: 127.0.0.1, port: 8083}
    supervisor_pid_file: /var/lib/loggy/supervisor/supervisord.pid
    disk:
      - {path: /var/lib/loggy, minimum_mib: 4096}
    memory_mib: 3000
    java: {minimum: 17}
    commands:
      - {name: mvn, package: maven}
    writable: [/var/lib/loggy, /var/cache/loggy]
"""

RETURN = r"""
listeners:
  description: Each listener and its port.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The program's name.
      type: str
    address:
      description: As declared.
      type: str
    port:
      description: As declared.
      type: int
    state:
      description: V(free), or V(ours) when a process below the supervisor listens there already.
      type: str
    pid:
      description: The process that listens there. Null when it is free.
      type: int
  sample:
    - {name: Kafka, address: 127.0.0.1, port: 9092, state: ours, pid: 4711}
java_home:
  description: Folder of the JDK that was found.
  returned: success, when O(java) is given
  type: str
  sample: /usr/lib/jvm/java-17-openjdk-amd64
java_version:
  description: Its version.
  returned: success, when O(java) is given
  type: str
  sample: 17.0.15
commands:
  description: Path of each command.
  returned: success
  type: dict
  sample: {mvn: /usr/bin/mvn}
problems:
  description: All that was found wrong, one line each.
  returned: failure
  type: list
  elements: str
  sample: ["port 9092 on 127.0.0.1 (Kafka) is taken by java (pid 123, user kafka)"]
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.local.preflight import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
