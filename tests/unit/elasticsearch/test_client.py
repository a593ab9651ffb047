"""Every way in which a server can fail us is one clear line, and none of them shows a secret."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.elasticsearch import document_info, index_info
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import (
    ApiError,
    InvalidInput,
    Unauthorized,
    UnexpectedAnswer,
    Unreachable,
)

from tests.unit.certificates import make_certificates
from tests.unit.elasticsearch.servers import answering
from tests.unit.fakes.elasticsearch import fake_elasticsearch
from tests.unit.run_operation import run_operation


def find(*urls: str, **params: Any) -> dict[str, Any]:
    return run_operation(document_info.OPERATION, urls=list(urls), **{"index": "logs-*", "timeout": 5, **params})


def free_url() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_refused_connection_is_told_with_every_url() -> None:
    first, second = free_url(), free_url()
    with pytest.raises(Unreachable) as caught:
        find(first, second)
    assert str(caught.value) == (
        f"No Elasticsearch answered at {first}, {second}: Connection refused."
        " Check the URLs, http or https, and that the server runs."
    )


def test_a_name_that_does_not_resolve_is_told() -> None:
    with pytest.raises(
        Unreachable, match=r"http://nowhere\.invalid:9200: (Name or service not known|.*resolution.*)\."
    ):
        find("http://nowhere.invalid:9200")


def test_a_server_that_does_not_answer_in_time_is_told() -> None:
    with answering(200, "{}", delay=30) as url, pytest.raises(Unreachable, match=f"{url}: timed out"):
        find(url, timeout=0.2)


def test_the_next_url_is_asked_when_the_first_does_not_answer() -> None:
    with fake_elasticsearch() as fake:
        fake.put("logs-a", "1", {})
        assert find(free_url(), fake.url)["total"] == 1


def test_the_next_url_is_asked_when_the_first_does_not_answer_in_time() -> None:
    with answering(200, "{}", delay=30) as silent, fake_elasticsearch() as fake:
        fake.put("logs-a", "1", {})
        assert find(silent, fake.url, timeout=0.3)["total"] == 1


def test_the_next_url_is_asked_when_the_first_is_not_ready() -> None:
    with answering(503, '{"error": "starting"}') as broken, fake_elasticsearch() as fake:
        fake.put("logs-a", "1", {})
        assert find(broken, fake.url)["total"] == 1


def test_a_server_that_is_not_ready_says_so_itself() -> None:
    with (
        answering(503, '{"error": {"type": "master_not_discovered_exception", "reason": "none"}}') as url,
        pytest.raises(ApiError, match=r"answered 503: master_not_discovered_exception: none\.") as caught,
    ):
        find(url)
    assert caught.value.status == 503


def test_a_wrong_password_is_told_without_the_password() -> None:
    with fake_elasticsearch(user=("loggy", "right")) as fake, pytest.raises(Unauthorized) as caught:
        find(fake.url, username="loggy", password="wrong-secret")
    assert str(caught.value) == (
        f"POST {fake.url}/logs-*/_search answered 401: security_exception: unable to authenticate user for REST request"
        " [/logs-*/_search]. Check username and password, or api_key."
    )


def test_a_password_in_the_url_works_and_is_not_shown() -> None:
    with fake_elasticsearch(user=("loggy", "p@ss")) as fake:
        fake.put("logs-a", "1", {})
        assert find(fake.url.replace("://", "://loggy:p%40ss@"))["total"] == 1
        with pytest.raises(Unauthorized) as caught:
            find(fake.url.replace("://", "://loggy:wrong-secret@"))
    assert "wrong-secret" not in str(caught.value) + str(caught.value.details)


def test_a_key_is_sent_as_one() -> None:
    with (
        answering(403, '{"error": "no"}') as url,
        pytest.raises(Unauthorized, match=r"answered 403: no\. This user or key lacks a privilege for it\."),
    ):
        find(url, api_key="c2VjcmV0")


@pytest.mark.parametrize(
    ("kind", "body"), [("text/html", "<html><title>Welcome</title></html>"), ("application/json", "Welcome")]
)
def test_a_server_that_speaks_no_json_is_not_taken_for_elasticsearch(kind: str, body: str) -> None:
    with answering(200, body, kind) as url, pytest.raises(UnexpectedAnswer) as caught:
        find(url)
    message = str(caught.value)
    assert message.startswith(f"POST {url}/logs-*/_search ")
    assert "Welcome" in message
    assert message.endswith("Is this the URL of an Elasticsearch?")


def test_a_proxys_html_error_keeps_its_status() -> None:
    with (
        answering(502, "<html>Bad Gateway</html>", "text/html") as url,
        pytest.raises(ApiError, match=r"answered 502: <html>Bad Gateway</html>\."),
    ):
        find(url)


def test_json_of_another_service_is_not_taken_for_elasticsearch() -> None:
    with (
        answering(200, '{"version": "3.9.2", "commit": "x"}') as url,
        pytest.raises(UnexpectedAnswer, match=r"JSON that is no health.*Is this the URL of an Elasticsearch"),
    ):
        run_operation(index_info.OPERATION, urls=[url])


def test_a_certificate_nobody_trusts_is_told(tmp_path: Path) -> None:
    context = make_certificates(tmp_path).server_context()
    with (
        answering(200, "{}", tls=context) as url,
        pytest.raises(Unreachable, match="its certificate is not trusted: unable to get local issuer certificate"),
    ):
        find(url)


def test_a_ca_of_ones_own_is_trusted_and_a_client_certificate_is_sent(tmp_path: Path) -> None:
    made = make_certificates(tmp_path)
    client = {"client_cert": str(made.pem)}
    with answering(404, '{"error": "reached"}', tls=made.server_context(wants_client=True)) as url:
        with pytest.raises(ApiError, match="answered 404: reached"):
            find(url, ca_path=str(made.ca), **client)
        with pytest.raises(ApiError, match="answered 404: reached"):
            find(url, validate_certs=False, **client)
        with pytest.raises(Unreachable, match=r"wants a client certificate|Remote end closed"):
            find(url, ca_path=str(made.ca))


def test_http_at_an_https_port_and_the_other_way_round_is_told(tmp_path: Path) -> None:
    with (
        answering(200, "{}", tls=make_certificates(tmp_path).server_context()) as url,
        pytest.raises(Unreachable, match="http or https"),
    ):
        find(url.replace("https", "http"))
    with answering(200, "{}") as url, pytest.raises(Unreachable, match=r"TLS failed: .*http or https"):
        find(url.replace("http", "https"))


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"urls": ["127.0.0.1:9200"]}, r"urls: '127\.0\.0\.1:9200' is not the URL of a server"),
        ({"urls": ["ftp://u:secret@h"]}, r"urls: 'ftp://\*\*\*@h' is not the URL of a server"),
        ({"urls": ["http://h:99999"]}, "is no URL: Port out of range"),
        ({"urls": []}, "urls is empty"),
        ({"urls": ["http://h"], "timeout": 0}, "timeout is 0; it must be more than 0"),
        ({"urls": ["http://h"], "ca_path": "/no/such/file"}, "ca_path /no/such/file is not a file"),
        ({"urls": ["http://h"], "limit": 0}, "limit is 0; it must be more than 0"),
        ({"urls": ["http://h"], "index": " "}, "index is empty"),
    ],
)
def test_bad_input_is_refused(params: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        run_operation(document_info.OPERATION, **{"index": "x", **params})


def test_an_empty_client_certificate_is_told_whether_or_not_the_server_is_verified(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    for validate_certs in (True, False):
        with pytest.raises(InvalidInput, match=r"could not be loaded"):
            find("https://127.0.0.1:1", client_cert=str(empty), ca_path=str(empty), validate_certs=validate_certs)


def test_a_failure_prints_nothing_beside_the_error() -> None:
    # In an action plug-in the terminal is Ansible's: a library's warnings would fall between its lines.
    ran = run_python(f"""
from ansible_collections.loggy.pipeline.plugins.module_utils.elasticsearch import document_info
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import Unreachable
from tests.unit.run_operation import run_operation
try:
    run_operation(document_info.OPERATION, index="x", urls=["{free_url()}", "{free_url()}"])
except Unreachable:
    print("unreachable")
""")
    assert (ran.stdout, ran.stderr) == ("unreachable\n", "")


def test_a_missing_library_is_named_with_its_package() -> None:
    ran = run_python("""
import sys
sys.modules["elastic_transport"] = None
from ansible_collections.loggy.pipeline.plugins.module_utils.elasticsearch import client, options
client.Elasticsearch(options.Connection(servers=(), urls=()))
""")
    assert "MissingLibrary: The Python library elastic-transport is missing" in ran.stderr
    assert "pip install elastic-transport" in ran.stderr


def test_the_asynchronous_client_is_not_loaded_and_can_be_loaded_later() -> None:
    ran = run_python("""
import sys
from ansible_collections.loggy.pipeline.plugins.module_utils.elasticsearch import client, options
servers = (options.Server("http", "127.0.0.1", 1),)
client.Elasticsearch(options.Connection(servers=servers, urls=("http://127.0.0.1:1",)))
print("aiohttp" in sys.modules)
import aiohttp
""")
    assert (ran.stdout, ran.stderr) == ("False\n", "")


def run_python(program: str) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": "collections:."}
    return subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
