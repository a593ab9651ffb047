# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that modules for Kubernetes document: the connection, named as kubernetes.core names it, and apply."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  kubeconfig:
    description: A kubeconfig, as a path or as its content. Default C(KUBECONFIG), then C(~/.kube/config).
    type: raw
  context:
    description: The context of it. Default its current one.
    type: str
  host:
    description: The API server's URL, in place of the kubeconfig's.
    type: str
  api_key:
    description: A bearer token.
    type: str
  username:
    description: User, for what stands before an API server and asks for one.
    type: str
  password:
    description: Password for it.
    type: str
  validate_certs:
    description: Whether the API server's certificate is verified. Default as the kubeconfig says, which is yes.
    type: bool
    aliases: [verify_ssl]
  ca_cert:
    description: PEM file with the authorities to trust.
    type: path
    aliases: [ssl_ca_cert]
  client_cert:
    description: PEM file with the certificate that this client shows.
    type: path
    aliases: [cert_file]
  client_key:
    description: PEM file with its key.
    type: path
    aliases: [key_file]
  proxy:
    description: URL of an HTTP proxy on the way to the API server.
    type: str
  no_proxy:
    description: Hosts that are reached without it, with commas.
    type: str
  impersonate_user:
    description: The user to act as.
    type: str
  impersonate_groups:
    description: The group to act as; one at most.
    type: list
    elements: str
requirements:
  - kubernetes (Python library) on the host that runs the module
notes:
  - An option that is unset is read from the environment, as C(K8S_AUTH_KUBECONFIG), C(K8S_AUTH_CONTEXT) and so on, as
    the modules of kubernetes.core do.
  - Without any, the pod's own service account is used, then the user's kubeconfig.
"""

    APPLY = r"""
options:
  field_manager:
    description: Who would apply them.
    type: str
    required: true
  force_conflicts:
    description: Whether to take over fields that another manager has other values for. Without, that is refused.
    type: bool
    default: false
"""
