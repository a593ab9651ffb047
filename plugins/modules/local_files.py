#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: local_files
short_description: Make folders and small files as they should be, in one task
version_added: 0.1.0
description:
  - Makes folders, and writes files whose content is given, with their owner and mode.
  - Looks at all of them before it touches one. A file is replaced as a whole, and nobody but its owner can read it in
    between.
  - A stock module takes some 0.3 s for each file; this one does all files of a role in the time of one task.
author:
  - Loggy pipeline authors (@loggy)
extends_documentation_fragment:
  - loggy.pipeline.attributes
options:
  folders:
    description: Folders, made in this order and before the files.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Absolute path. Folders above it that are missing are made alike.
        type: path
        required: true
      owner:
        description: Name of the user it belongs to; it stays as it is when this is not set.
        type: str
      mode:
        description: Its mode in octal digits, quoted.
        type: str
        required: true
  files:
    description: Files.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Absolute path.
        type: path
        required: true
      owner:
        description: Name of the user it belongs to; it stays as it is when this is not set, and a new file belongs to
          the user who runs this.
        type: str
      mode:
        description: Its mode in octal digits, quoted.
        type: str
        required: true
      content:
        description: The whole content, which is shown in the diff.
        type: str
        required: true
      keep:
        description: Whether a content that is there already stays.
        type: bool
        default: false
"""

EXAMPLES = r"""
- name: Make the folders and the configuration
  loggy.pipeline.local_files:
    folders:
      - path: /srv/broker/data
        owner: kafka
        mode: "0750"
    files:
      - path: /srv/broker/server.properties
        content: "{{ lookup('ansible.builtin.template', 'server.properties.j2') }}"
        owner: kafka
        mode: "0640"
"""

RETURN = r"""
changes:
  description: What was, or in check mode would be, changed.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The folder or file.
      type: str
      sample: /srv/broker/server.properties
    what:
      description: V(created), or those of V(content), V(owner) and V(mode) that were not as they should be.
      type: list
      elements: str
      sample: [content]
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.local.files import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
