#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_binary_build
short_description: Build an image on OpenShift from a local folder
version_added: 0.1.0
description:
  - Uploads a folder to a BuildConfig whose source is binary, as C(oc start-build --from-dir) does, and waits for the
    build. BuildConfig and ImageStream have to be there.
  - The ImageStream notes what was uploaded and the image that it became, in the annotations
    C(loggy.pipeline/uploaded) and C(loggy.pipeline/image). A folder that is still the same is not built again, unless
    its image is gone. What a build fails with is not noted, so that the next run tries again.
  - The archive is made while it is sent, the same bytes for the same files. Times, owners and modes but the executable
    bit do not count.
  - Refuses to send private keys, which it knows by their names, such as C(*.key), C(*.pem), C(*.p12), C(*.jks) and
    C(id_rsa*).
  - A build that fails makes the module fail at once, with the reason and the last lines of the build's log.
author:
  - Loggy pipeline authors (@loggy)
extends_documentation_fragment:
  - loggy.pipeline.kubernetes
attributes:
  check_mode:
    support: full
    description:
      - Says whether it would build. A BuildConfig, an ImageStream or a folder that is not there yet counts as one that
        will be made.
  diff_mode:
    support: full
    description: Shows what was uploaded and the image, before and after.
options:
  namespace:
    description: The namespace of the BuildConfig and its ImageStream.
    type: str
    required: true
  name:
    description: Name of the BuildConfig, whose output is an ImageStreamTag of its namespace.
    type: str
    required: true
  path:
    description: The folder. What is in it becomes the top of what the build sees.
    type: path
    required: true
  exclude:
    description: Names of files that are left out, wherever in the folder they are.
    type: list
    elements: str
    default: [.artifact_folder.json]
  inputs:
    description:
      - What else makes the image what it is, such as the text of its Dockerfile. A change of it builds anew.
    type: list
    elements: str
    default: []
  upload_timeout:
    description:
      - Seconds for which the API server may take or answer nothing. It takes nothing before the build's pod runs.
    type: float
    default: 600.0
  wait_timeout:
    description: Seconds that the build may take once it has everything.
    type: float
    default: 900.0
"""

EXAMPLES = r"""
- name: Build an image with the plug-ins
  loggy.pipeline.openshift_binary_build:
    namespace: loggy
    name: my-connect-cluster-plugins
    path: /var/lib/loggy/plugins
    inputs:
      - FROM registry.example.com/kafka:1
  register: plugins

- name: Show where it is
  ansible.builtin.debug:
    msg: "{{ plugins.image }}"
"""

RETURN = r"""
image:
  description: The image by digest. In check mode, where it would be built, it is not known.
  returned: success
  type: str
  sample: registry.example.com/loggy/plugins@sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
digest:
  description: Of what it is made of, the folder and O(inputs).
  returned: success
  type: str
  sample: sha256:fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9
reason:
  description: Why it was built, or in check mode would be. Empty when it was not.
  returned: success
  type: str
  sample: what it is made of changed
build:
  description: Name of the Build. Empty when there was none; when it fails, the one that did.
  returned: success, or when a build failed
  type: str
  sample: my-connect-cluster-plugins-3
log:
  description: The last lines of the build's log.
  returned: when a build failed
  type: list
  elements: str
  sample: ["error: build error: no such image"]
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.openshift.binary_build import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
