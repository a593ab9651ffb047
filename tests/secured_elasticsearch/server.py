# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Elasticsearch as others run it: TLS, client certificates, users, API keys. It belongs to no pipeline."""

from __future__ import annotations

import base64
import os
import pwd
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.pipeline import free_ports
from tests.unit.certificates import Certificates, make_certificates

SUPERUSER = ("elastic", "only-these-tests-know")
START_SECONDS = 120


@dataclass(frozen=True)
class SecuredElasticsearch:
    """:param client: PEM file with a client's certificate and key, without which nobody gets in."""

    url: str
    ca: Path
    client: Path

    def add_user(self, name: str, password: str, privileges: list[str]) -> None:
        """One who may do that with the indices ``logs-*``, and ask for the cluster's health."""
        self._put(f"_security/role/{name}", _role(privileges))
        self._put(f"_security/user/{name}", {"password": password, "roles": [name]})

    def add_api_key(self, name: str, privileges: list[str]) -> str:
        """The key in its encoded form; the privileges are as those of a user."""
        made = self._put("_security/api_key", {"name": name, "role_descriptors": {name: _role(privileges)}})
        return base64.b64encode(f"{made['id']}:{made['api_key']}".encode()).decode()

    def is_up(self) -> bool:
        try:
            return self._request("GET", "_cluster/health").ok
        except requests.ConnectionError:
            return False

    def _put(self, path: str, body: object) -> dict[str, str]:
        done = self._request("PUT", path, json=body)
        assert done.ok, done.text
        answer: dict[str, str] = done.json()
        return answer

    def _request(self, method: str, path: str, **body: Any) -> requests.Response:
        to = f"{self.url}/{path}"
        return requests.request(
            method, to, auth=SUPERUSER, verify=str(self.ca), cert=str(self.client), timeout=30, **body
        )


def _role(privileges: list[str]) -> dict[str, Any]:
    return {"cluster": ["monitor"], "indices": [{"names": ["logs-*"], "privileges": privileges}]}


@contextmanager
def secured_elasticsearch(distribution: Path, java_home: Path, folder: Path) -> Iterator[SecuredElasticsearch]:
    """:param distribution: unpacked; it is only read, and on the same file system as the folder.
    :param folder: one that anybody may reach, for Elasticsearch refuses to run as root, and then runs as nobody.
    """
    home = folder / "home"
    shutil.copytree(distribution, home, copy_function=os.link)
    _add_security_analysis(home, java_home)
    config = folder / "config"
    shutil.copytree(distribution / "config", config)
    port, transport_port = free_ports(2)
    certificates = _configure(config, port, transport_port)
    user = _give_to_nobody(config) if os.getuid() == 0 else None
    environment = {"PATH": os.environ["PATH"], "ES_JAVA_HOME": str(java_home), "ES_PATH_CONF": str(config)}
    for words, given in (("create", b""), ("add --stdin bootstrap.password", SUPERUSER[1].encode())):
        keystore = [home / "bin" / "elasticsearch-keystore", *words.split()]
        subprocess.run(keystore, env=environment, user=user, input=given, check=True, capture_output=True)
    environment["ES_JAVA_OPTS"] = "-Xms512m -Xmx512m"
    output = config / "output.log"
    with output.open("w") as log:
        process = subprocess.Popen([home / "bin" / "elasticsearch"], env=environment, user=user, stdout=log, stderr=log)
    try:
        running = SecuredElasticsearch(f"https://127.0.0.1:{port}", certificates.ca, certificates.pem)
        _wait_until_it_answers(running, process, output)
        yield running
    finally:
        process.terminate()
        process.wait(60)


def _configure(config: Path, port: int, transport_port: int) -> Certificates:
    certificates = make_certificates(config)
    key, certificate = re.findall(r"-----BEGIN.*?-----END.*?-----\n", certificates.pem.read_text(), re.DOTALL)
    (config / "key.pem").write_text(key)
    (config / "certificate.pem").write_text(certificate)
    tls = {
        "enabled": "true",
        "key": config / "key.pem",
        "certificate": config / "certificate.pem",
        "certificate_authorities": certificates.ca,
        "client_authentication": "required",
    }
    settings = {
        "discovery.type": "single-node",
        "network.host": "127.0.0.1",
        "http.port": port,
        "transport.port": transport_port,
        "path.data": config / "data",
        "path.logs": config / "logs",
        "xpack.security.enabled": "true",
        **{f"xpack.security.http.ssl.{name}": value for name, value in tls.items()},
    }
    (config / "elasticsearch.yml").write_text("".join(f"{name}: {value}\n" for name, value in settings.items()))
    return certificates


def _add_security_analysis(home: Path, java_home: Path) -> None:
    source = Path(__file__).with_name("SecurityAnalysis.java")
    module = home / "modules" / source.stem.lower()
    module.mkdir()
    java = java_home / "bin"
    compile_it = [java / "javac", "-cp", f"{home}/lib/*", "-d", module / "classes", source]
    subprocess.run(compile_it, check=True, capture_output=True)
    subprocess.run([java / "jar", "cf", module / "plugin.jar", "-C", module / "classes", "."], check=True)
    shutil.rmtree(module / "classes")
    version = next(home.glob("lib/elasticsearch-[0-9]*.jar")).stem.removeprefix("elasticsearch-")
    descriptor = {
        "name": module.name,
        "description": "For the tests",
        "version": version,
        "elasticsearch.version": version,
        "java.version": "17",
        "classname": source.stem,
    }
    lines = "".join(f"{name}={value}\n" for name, value in descriptor.items())
    (module / "plugin-descriptor.properties").write_text(lines)


def _give_to_nobody(folder: Path) -> int:
    nobody = pwd.getpwnam("nobody").pw_uid
    for path in (folder, *folder.rglob("*")):
        os.chown(path, nobody, -1)
    return nobody


def _wait_until_it_answers(server: SecuredElasticsearch, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()[-3000:]
        if server.is_up():
            return
        time.sleep(0.3)
    raise AssertionError(f"Elasticsearch did not answer within {START_SECONDS} s: {log.read_text()[-3000:]}")
