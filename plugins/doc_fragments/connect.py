# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options of all modules for Kafka Connect."""

from __future__ import annotations

from ansible_collections.loggy.pipeline.plugins.doc_fragments.kubernetes import ModuleDocFragment as Kubernetes
from ansible_collections.loggy.pipeline.plugins.plugin_utils.fragments import options_of


class ModuleDocFragment:
    # With its type: the yamllint of ansible-test takes a plain assignment in a fragment for a literal text.
    DOCUMENTATION: str = (
        r"""
options:
  urls:
    description:
      - REST URLs of the workers, for example V(http://connect-1:8083).
      - Unless said otherwise, the workers are of one Connect cluster, and the first that answers is used.
      - One of O(urls) and O(kubernetes) is required.
    type: list
    elements: str
  kubernetes:
    description:
      - Reaches the workers through the proxy of a Kubernetes API server, with its credentials, where they have no URL
        that leads there from outside.
      - It takes the verbs C(get), C(create), C(update), C(patch) and C(delete) on C(services/proxy), or C(pods/proxy).
        The API server keeps a request's authorization for itself, so that O(username) does not reach the workers.
    type: dict
    suboptions:
      namespace:
        description: The namespace that the workers run in.
        type: str
        required: true
      service:
        description: The Service in front of the workers, for Strimzi C(NAME-connect-api).
        type: str
      pods:
        description: Pods in place of O(kubernetes.service), where each worker is meant.
        type: list
        elements: str
      port:
        description: The port of the workers' REST API.
        type: int
        default: 8083
"""
        + options_of(Kubernetes.DOCUMENTATION, "kubernetes")
        + r"""  username:
    description: User for basic authentication.
    type: str
  password:
    description: Password for basic authentication.
    type: str
  validate_certs:
    description: Whether the certificate of an C(https) URL is verified.
    type: bool
    default: true
  ca_path:
    description:
      - PEM file, or folder of them, with the authorities to trust.
      - Without it, those that the system trusts.
    type: path
  client_cert:
    description: PEM file with the certificate that this client shows; it may hold the key as well.
    type: path
  client_key:
    description: PEM file with the key of O(client_cert).
    type: path
  timeout:
    description: Seconds that one request may take.
    type: float
    default: 10
requirements:
  - requests (Python library) on the host that runs the module
notes:
  - With a local connection the module runs inside the controller's process, which saves the start of an interpreter
    for each task. Anywhere else, and with C(become) or C(async), it runs as any module does.
"""
    )
