# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who we are to the API server: from options, the environment, a kubeconfig. No key of it outlives the process."""

from __future__ import annotations

import base64
import multiprocessing
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes.credentials import credentials

KEY = base64.b64encode(b"the key").decode()


def kubeconfig(**user: Any) -> dict[str, Any]:
    return {
        "current-context": "ours",
        "contexts": [
            {"name": "ours", "context": {"cluster": "here", "user": "me"}},
            {"name": "other", "context": {"cluster": "there", "user": "me"}},
        ],
        "clusters": [
            {"name": "here", "cluster": {"server": "https://here:6443/", "certificate-authority-data": KEY}},
            {"name": "there", "cluster": {"server": "https://there:6443", "insecure-skip-tls-verify": True}},
        ],
        "users": [{"name": "me", "user": user or {"token": "hush"}}],
    }


@pytest.fixture(autouse=True)
def _nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No kubeconfig of whoever runs the tests, and no proxy."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("KUBECONFIG", "K8S_AUTH_KUBECONFIG", "K8S_AUTH_CONTEXT", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)


def test_a_kubeconfig_in_the_options_is_used_with_its_current_context() -> None:
    who = credentials({"kubeconfig": kubeconfig()})
    assert who.url == "https://here:6443"
    assert who.headers == {"authorization": "Bearer hush"}
    assert Path(str(who.tls.ca_path)).read_bytes() == b"the key"
    assert who.tls.validate_certs
    assert "hush" not in repr(who)


def test_a_kubeconfig_file_is_found_as_kubectl_finds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config"
    file.write_text(yaml.safe_dump(kubeconfig()))
    monkeypatch.setenv("KUBECONFIG", f"/no/such/file:{file}")
    assert credentials({}).url == "https://here:6443"
    assert credentials({"context": "other"}).url == "https://there:6443"
    assert not credentials({"context": "other"}).tls.validate_certs


def test_options_win_over_the_environment_and_that_over_the_kubeconfig(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config"
    file.write_text(yaml.safe_dump(kubeconfig()))
    monkeypatch.setenv("K8S_AUTH_KUBECONFIG", str(file))
    monkeypatch.setenv("K8S_AUTH_VERIFY_SSL", "no")
    monkeypatch.setenv("K8S_AUTH_HOST", "https://environment")
    who = credentials({"host": "https://option/"})
    assert (who.url, who.headers, who.tls.validate_certs) == (
        "https://option",
        {"authorization": "Bearer hush"},
        False,
    )


def test_host_and_token_need_no_kubeconfig() -> None:
    who = credentials({"host": "https://api:6443", "api_key": "token", "impersonate_user": "loggy"})
    assert who.url == "https://api:6443"
    assert who.headers == {"authorization": "Bearer token", "Impersonate-User": "loggy"}


def test_several_groups_are_refused_since_a_request_carries_one() -> None:
    with pytest.raises(InvalidInput, match="impersonate_groups: one, two are 2"):
        credentials({"host": "https://a", "api_key": "t", "impersonate_groups": ["one", "two"]})


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "There is no kubeconfig ~/.kube/config on the host that runs this task"),
        ({"kubeconfig": "/no/such/config"}, "There is no kubeconfig /no/such/config"),
        ({"kubeconfig": kubeconfig(), "context": "moon"}, "The kubeconfig with context moon could not be used: "),
        ({"kubeconfig": {"clusters": []}}, "The kubeconfig could not be used: "),
        ({"ca_cert": "/no/such/ca.pem"}, "ca_cert: there is no file /no/such/ca.pem"),
    ],
)
def test_what_leads_nowhere_is_refused(params: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        credentials(params)
    assert str(caught.value).startswith(message)


def test_a_file_that_is_no_kubeconfig_is_refused_without_quoting_it(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text("token: [hush\n")
    with pytest.raises(InvalidInput, match="could not be used: it is no kubeconfig") as caught:
        credentials({"kubeconfig": str(file)})
    assert "hush" not in str(caught.value)


def test_a_proxy_is_used_unless_the_host_is_excepted() -> None:
    to = {"host": "https://api:6443", "api_key": "t", "proxy": "http://proxy:3128"}
    assert credentials(to).proxy == "http://proxy:3128"
    assert credentials({**to, "no_proxy": "api"}).proxy is None


def _write_a_key(names: Any) -> None:
    key = base64.b64encode(b"of this process alone").decode()
    user = {"client-certificate-data": key, "client-key-data": key}
    who = credentials({"kubeconfig": kubeconfig(**user)})
    names.put(who.tls.client_key)


def test_keys_that_a_process_of_ansibles_wrote_are_gone_with_it() -> None:
    """A worker is forked, and ends without atexit."""
    context = multiprocessing.get_context("fork")
    names = context.Queue()
    process = context.Process(target=_write_a_key, args=(names,))
    process.start()
    name = Path(names.get(timeout=30))
    process.join(30)
    assert name.parent.name.startswith("loggy-kubernetes-")
    assert not name.parent.exists()
