# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Elasticsearch that somebody else runs, which wants TLS, a client certificate, and a password or an API key."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.conftest import short_folder
from tests.pipeline import Pipeline
from tests.secured_elasticsearch.server import SecuredElasticsearch, secured_elasticsearch

pytestmark = pytest.mark.e2e

SECRET = "pass: \u00fcber-'secret'"
READ = ["read", "view_index_metadata", "maintenance", "monitor"]
WRITE = ["create_index", "index", "auto_configure"]


@dataclass
class Site:
    """A pipeline without an Elasticsearch of its own, and the one that it uses."""

    pipeline: Pipeline
    server: SecuredElasticsearch
    secrets: Path

    def connection(self, **credentials: str) -> dict[str, Any]:
        return {"ca_path": str(self.server.ca), "client_cert": str(self.server.client), **credentials}

    def sink(self, credentials: dict[str, str]) -> dict[str, Any]:
        """The sink's credentials are references, resolved by the worker."""
        lines = "".join(f"{name}={escaped(value)}\n" for name, value in credentials.items())
        self.secrets.write_text(lines, encoding="ascii")
        tls = {"tls.truststore.path": str(self.server.ca), "tls.keystore.path": str(self.server.client)}
        return {**tls, **{name: f"${{file:{self.secrets}:{name}}}" for name in credentials}}

    def variables(self, connection: dict[str, str], sink: dict[str, str]) -> dict[str, Any]:
        return {
            "elasticsearch_install": False,
            "loggy_elasticsearch_urls": [self.server.url],
            "loggy_elasticsearch_connection": self.connection(**connection),
            "connectors_settings": {"elasticsearch_sink": self.sink(sink)},
            "connect_settings": {
                "config.providers": "file",
                "config.providers.file.class": "org.apache.kafka.common.config.provider.FileConfigProvider",
            },
        }


def escaped(value: str) -> str:
    """As java.util.Properties reads it."""
    return value.encode("ascii", "backslashreplace").decode().replace("\\xfc", "\\u00fc")


@pytest.fixture(scope="module")
def site(built: Pipeline) -> Iterator[Site]:
    folder = short_folder()
    distribution = next((built.state_dir / "software").glob("elasticsearch-*"))
    java_home = Path(psutil.Process(int(built.supervisorctl("pid", "kafka"))).exe()).parents[1]
    with secured_elasticsearch(distribution, java_home, folder) as server:
        pipeline = Pipeline(folder / "state", {"loggy_service_user": "loggy-test-secured"})
        yield Site(pipeline, server, folder / "secrets.properties")
        # A single test of verify-loggy.yml leaves nothing that purge knows.
        if (pipeline.state_dir / ".loggy.pipeline").exists():
            pipeline.playbook("purge").expect_success()
    shutil.rmtree(folder)


def test_loggy_arrives_by_user_and_password(site: Site) -> None:
    site.server.add_user("reader", SECRET, READ)
    site.server.add_user("writer", SECRET, WRITE)
    reader, writer = ({"username": name, "password": SECRET} for name in ("reader", "writer"))
    variables = site.variables(reader, writer)

    made = site.pipeline.playbook("site", "--diff", **variables).expect_success()
    verified = site.pipeline.playbook("verify-loggy", **variables).expect_success()

    assert "Loggy arrived." in verified.output
    assert SECRET not in made.output + verified.output + site.pipeline.log("connect")
    assert site.pipeline.playbook("site", **variables).expect_success().changed == 0


def test_loggy_arrives_by_api_key(site: Site) -> None:
    reader, writer = site.server.add_api_key("reader", READ), site.server.add_api_key("writer", WRITE)
    variables = site.variables({"api_key": reader}, {"api.key": writer})

    made = site.pipeline.playbook("site", "--diff", **variables).expect_success()
    verified = site.pipeline.playbook("verify-loggy", **variables).expect_success()

    assert "Loggy arrived." in verified.output
    for key in (reader, writer):
        assert key not in made.output + verified.output + site.pipeline.log("connect")


@pytest.mark.parametrize(
    ("left_out", "message"),
    [
        ("ca_path", "its certificate is not trusted"),
        ("client_cert", "wants a client certificate"),
        ("password", "parameters are required together: username, password"),
    ],
)
def test_what_the_connection_lacks_is_named(site: Site, left_out: str, message: str) -> None:
    connection = site.connection(username="reader", password=SECRET)
    del connection[left_out]
    variables = site.variables({}, {"username": "writer", "password": SECRET})

    run = site.pipeline.playbook(
        "playbooks/elasticsearch", **{**variables, "loggy_elasticsearch_connection": connection}
    )

    assert message in run.expect_failure().words, run.output
    assert SECRET not in run.output
