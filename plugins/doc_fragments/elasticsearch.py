# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options that each elasticsearch module documents; module_utils/elasticsearch/options.py reads them."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  urls:
    description:
      - URLs of the cluster's nodes, or of what stands before them. When one does not answer the next one is asked.
      - Without a port a URL means port 80 or 443, not 9200.
    type: list
    elements: str
    required: true
  username:
    description:
      - User for basic authentication.
    type: str
  password:
    description:
      - Password of O(username).
    type: str
  api_key:
    description:
      - API key, in the encoded form that Elasticsearch hands out. Instead of O(username).
    type: str
  validate_certs:
    description:
      - Whether the server's certificate and host name are verified.
    type: bool
    default: true
  ca_path:
    description:
      - PEM file with the CA certificates to trust, beside those that the system trusts.
    type: path
  client_cert:
    description:
      - PEM file with the client's certificate (and its key, when O(client_key) is unset).
    type: path
  client_key:
    description:
      - PEM file with the key of O(client_cert).
    type: path
  timeout:
    description:
      - Seconds that one request may take.
    type: float
    default: 10.0
requirements:
  - elastic-transport >= 8.13
notes:
  - Works with Elasticsearch 6.8, 7, 8 and 9, and with OpenSearch.
"""
