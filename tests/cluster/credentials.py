# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster's certificates, and a token and a kubeconfig for each component; made once, forgotten by `wipe`."""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path

from tests.cluster import paths
from tests.cluster.commands import run
from tests.cluster.isolation import NODE_ADDRESS

API_URL = f"https://{NODE_ADDRESS}:6443"
SERVICE_DOMAIN = "cluster.local"
NODE_NAME = "node1"

CA = paths.PKI / "ca.crt"
CA_KEY = paths.PKI / "ca.key"
SERVICE_ACCOUNT_KEY = paths.PKI / "service-accounts.key"
SERVICE_ACCOUNT_PUBLIC_KEY = paths.PKI / "service-accounts.pub"
TOKENS = paths.PKI / "tokens.csv"

_DAYS = "3650"
_API_SERVICE_ADDRESS = "10.96.0.1"
_API_NAMES = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", f"kubernetes.default.svc.{SERVICE_DOMAIN}")
# Component: its user, and the user's group.
_USERS = {
    "admin": ("admin", "system:masters"),
    "kube-controller-manager": ("system:kube-controller-manager", ""),
    "kube-proxy": ("system:kube-proxy", ""),
    "kube-scheduler": ("system:kube-scheduler", ""),
    "kubelet": (f"system:node:{NODE_NAME}", "system:nodes"),
}


def certificate(name: str) -> Path:
    return paths.PKI / f"{name}.crt"


def key(name: str) -> Path:
    return paths.PKI / f"{name}.key"


def kubeconfig(component: str) -> Path:
    return paths.CONFIG / f"{component}.kubeconfig"


def make() -> None:
    """The tokens come last: when they are there, everything is."""
    if TOKENS.exists():
        return
    paths.PKI.mkdir(parents=True, exist_ok=True)
    paths.PKI.chmod(0o700)
    paths.CONFIG.mkdir(parents=True, exist_ok=True)
    _make_authority()
    api_names = [*(f"DNS:{name}" for name in _API_NAMES), f"IP:{_API_SERVICE_ADDRESS}", f"IP:{NODE_ADDRESS}"]
    _make_certificate("kube-apiserver", "/CN=kube-apiserver", "serverAuth", api_names)
    _make_certificate("kubelet", f"/CN={NODE_NAME}", "serverAuth", [f"DNS:{NODE_NAME}", f"IP:{NODE_ADDRESS}"])
    _make_certificate("kubelet-client", "/O=system:masters/CN=kubelet-client", "clientAuth")
    _make_certificate("front-proxy", "/CN=front-proxy", "clientAuth")
    run(["openssl", "genrsa", "-out", SERVICE_ACCOUNT_KEY, "2048"])
    run(["openssl", "rsa", "-in", SERVICE_ACCOUNT_KEY, "-pubout", "-out", SERVICE_ACCOUNT_PUBLIC_KEY])
    _make_tokens()


def _make_authority() -> None:
    new_key: list[str | Path] = ["-newkey", "rsa:2048", "-nodes", "-keyout", CA_KEY]
    run(["openssl", "req", "-x509", *new_key, "-days", _DAYS, "-out", CA, "-subj", "/CN=loggy-test"])


def _make_certificate(name: str, subject: str, usage: str, alternatives: list[str] | None = None) -> None:
    request = paths.PKI / f"{name}.csr"
    extensions = paths.PKI / f"{name}.ext"
    lines = [f"extendedKeyUsage={usage}", *([f"subjectAltName={','.join(alternatives)}"] if alternatives else [])]
    extensions.write_text("\n".join(lines))
    run(
        ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", key(name), "-out", request, "-subj", subject],
    )
    authority: list[str | Path] = ["-CA", CA, "-CAkey", CA_KEY, "-CAcreateserial"]
    signed: list[str | Path] = ["-days", _DAYS, "-extfile", extensions, "-out", certificate(name)]
    run(["openssl", "x509", "-req", "-in", request, *authority, *signed])
    request.unlink()
    extensions.unlink()


def _make_tokens() -> None:
    lines = []
    for component, (user, group) in _USERS.items():
        token = secrets.token_hex(16)
        lines.append(f'{token},{user},{user},"{group}"\n')
        _write_secret(kubeconfig(component), json.dumps(_kubeconfig(token), indent=1))
    _write_secret(TOKENS, "".join(lines))


def _kubeconfig(token: str) -> dict[str, object]:
    """JSON is YAML, too."""
    authority = base64.b64encode(CA.read_bytes()).decode()
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "loggy", "cluster": {"server": API_URL, "certificate-authority-data": authority}}],
        "users": [{"name": "loggy", "user": {"token": token}}],
        "contexts": [{"name": "loggy", "context": {"cluster": "loggy", "user": "loggy"}}],
        "current-context": "loggy",
    }


def _write_secret(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
