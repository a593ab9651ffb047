# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options that every kafka module documents. They pair with module_utils/kafka/options.py."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  bootstrap_servers:
    description:
      - Brokers to ask first, each as C(host:port). One that answers is enough.
    type: list
    elements: str
    required: true
  security_protocol:
    description:
      - How the listener is spoken to, in Kafka's own words.
    type: str
    choices: [PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL]
    default: PLAINTEXT
  sasl_mechanism:
    description:
      - The SASL mechanism. Required with a O(security_protocol) that starts with V(SASL_).
    type: str
    choices: [PLAIN, SCRAM-SHA-256, SCRAM-SHA-512]
  username:
    description:
      - User for SASL.
    type: str
  password:
    description:
      - Password for SASL.
    type: str
  ca_path:
    description:
      - PEM file with the CA certificates to trust, beside those that the system trusts.
    type: path
  ca_content:
    description:
      - CA certificates to trust, as PEM text, where they are in a variable and not in a file.
    type: str
  client_cert:
    description:
      - PEM file with the client's certificate (and its key, when O(client_key) is unset).
    type: path
  client_key:
    description:
      - PEM file with the key of O(client_cert).
    type: path
  validate_certs:
    description:
      - Whether the broker's certificate and host name are verified.
    type: bool
    default: true
  timeout:
    description:
      - Seconds that connecting, or one request, may take.
    type: float
    default: 10.0
requirements:
  - kafka-python >= 3.0
"""
