# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach a Kubernetes cluster: the options that every module for it has, named as kubernetes.core names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CONNECTION_SPEC: Mapping[str, Any] = {
    "kubeconfig": {"type": "raw", "no_log": True},
    "context": {"type": "str"},
    "host": {"type": "str"},
    "api_key": {"type": "str", "no_log": True},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "validate_certs": {"type": "bool", "aliases": ["verify_ssl"]},
    "ca_cert": {"type": "path", "aliases": ["ssl_ca_cert"]},
    "client_cert": {"type": "path", "aliases": ["cert_file"]},
    "client_key": {"type": "path", "no_log": False, "aliases": ["key_file"]},
    "proxy": {"type": "str"},
    "no_proxy": {"type": "str"},
    "impersonate_user": {"type": "str"},
    "impersonate_groups": {"type": "list", "elements": "str"},
}
CONNECTION_RULES: Mapping[str, Any] = {
    "required_together": [("username", "password")],
    "required_by": {"client_key": ["client_cert"]},
}
# Of who asks what server-side apply would change.
APPLY_SPEC: Mapping[str, Any] = {
    "field_manager": {"type": "str", "required": True},
    "force_conflicts": {"type": "bool", "default": False},
}
LIBRARIES = ("kubernetes.client", "kubernetes.config")
