# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one HTTP client: fail-over, what it makes of answers, and what it keeps to itself."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import (
    ApiError,
    Conflict,
    NotFound,
    Unauthorized,
    UnexpectedAnswer,
    Unreachable,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.http import HttpClient

Reply = tuple[int, str, str]


@contextmanager
def serving(reply: Callable[[http.server.BaseHTTPRequestHandler], Reply | None]) -> Iterator[str]:
    """A server that answers each request with what ``reply`` makes of it; None breaks the connection off."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def _serve(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = reply(self)
            if answer is None:
                self.connection.close()
                return
            status, kind, text = answer
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_PUT = do_POST = _serve

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def json_of(text: str, status: int = 200) -> Callable[[object], Reply]:
    return lambda request: (status, "application/json", text)


def client(*urls: str, timeout: float = 5) -> HttpClient:
    return HttpClient(urls, api="the API", timeout=timeout)


def test_json_comes_back_decoded_with_the_url_that_was_asked() -> None:
    with serving(json_of('{"a": 1}')) as url:
        answer = client(f"{url}/").request("GET", "/x")
    assert (answer.status, answer.data, answer.url) == (200, {"a": 1}, f"{url}/x")


def test_an_empty_body_is_nothing() -> None:
    with serving(json_of("")) as url:
        assert client(url).request("PUT", "/x", body={}).data is None


@pytest.mark.parametrize(
    ("status", "kind"), [(400, ApiError), (401, Unauthorized), (403, Unauthorized), (404, NotFound), (409, Conflict)]
)
def test_a_status_has_its_error(status: int, kind: type[ApiError]) -> None:
    said = '{"error_code": 1, "message": "So it is."}'
    with serving(json_of(said, status)) as url, pytest.raises(kind, match=f"answered {status}: So it is") as caught:
        client(url).request("GET", "/x")
    assert caught.value.details == {"method": "GET", "url": f"{url}/x", "status": status}


@pytest.mark.parametrize("text", ["<html>a page</html>", '{"broken": '])
def test_what_is_no_json_is_no_answer(text: str) -> None:
    kind = "text/html" if text.startswith("<") else "application/json"
    message = f"answered 200 with {kind} instead of JSON"
    with serving(lambda request: (200, kind, text)) as url, pytest.raises(UnexpectedAnswer, match=message):
        client(url).request("GET", "/x")


def test_a_gateway_that_fails_in_html_is_an_error_of_its_status_with_the_text_of_the_page() -> None:
    page = "<html><head><style>x{}</style></head><body><h1>Bad gateway</h1></body></html>"
    with serving(lambda request: (502, "text/html", page)) as url, pytest.raises(ApiError) as caught:
        client(url).request("GET", "/x")
    assert caught.value.excerpt == "Bad gateway"


def test_a_404_in_html_is_no_not_found() -> None:
    with serving(lambda request: (404, "text/html", "<html>?</html>")) as url, pytest.raises(UnexpectedAnswer):
        client(url).request("GET", "/x")


def test_the_server_that_answered_is_asked_next_time_too() -> None:
    seen: list[str] = []

    def note(name: str) -> Callable[[object], Reply]:
        return lambda request: (seen.append(name), (200, "application/json", "{}"))[1]

    with serving(note("first")) as first, serving(note("second")) as second:
        both = client("http://127.0.0.1:1", second, first)
        both.request("GET", "/x")
        both.request("PUT", "/x", body={})
        both.only(first).request("GET", "/x")
        both.request("GET", "/x")
    assert seen == ["second", "second", "first", "second"]


@pytest.mark.parametrize(("method", "servers_asked"), [("GET", 2), ("PUT", 2), ("POST", 1)])
def test_a_post_that_may_have_arrived_is_not_sent_twice(method: str, servers_asked: int) -> None:
    seen: list[str] = []

    def broken(request: http.server.BaseHTTPRequestHandler) -> None:
        seen.append(request.command)

    with serving(broken) as first, serving(broken) as second, pytest.raises(Unreachable):
        client(first, second).request(method, "/x", body={} if method != "GET" else None)
    assert seen == [method] * servers_asked


def test_a_post_that_never_arrived_goes_to_the_next_server() -> None:
    with serving(json_of("{}")) as url:
        assert client("http://127.0.0.1:1", url).request("POST", "/x", body={}).status == 200


def test_a_slow_server_is_told_from_one_that_is_not_there() -> None:
    released = threading.Event()

    def slow(request: object) -> Reply:
        released.wait(5)
        return 200, "application/json", "{}"

    with serving(slow) as url:
        with pytest.raises(Unreachable, match=r"no answer within 0\.1 s") as caught:
            client(url, timeout=0.1).request("GET", "/x")
        released.set()
    assert caught.value.is_slow
    with pytest.raises(Unreachable, match="Connection refused") as caught:
        client("http://127.0.0.1:1").request("GET", "/x")
    assert not caught.value.is_slow


def test_netrc_puts_no_password_into_a_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password hush\n")
    monkeypatch.setenv("NETRC", str(netrc))
    headers: list[str | None] = []

    def note(request: http.server.BaseHTTPRequestHandler) -> Reply:
        headers.append(request.headers.get("Authorization"))
        return 200, "application/json", "{}"

    with serving(note) as url:
        client(url).request("GET", "/x")
    assert headers == [None]


def test_a_proxy_of_the_environment_is_used_except_where_it_says_not_to(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(json_of('{"proxy": true}')) as proxy:
        monkeypatch.setenv("http_proxy", proxy)
        monkeypatch.setenv("no_proxy", "")
        assert client("http://no.such.host.invalid").request("GET", "/x").data == {"proxy": True}
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        with serving(json_of("{}")) as url:
            assert client(url).request("GET", "/x").data == {}


def test_secrets_are_masked_before_the_excerpt_is_cut() -> None:
    with serving(json_of(f'{{"message": "{"x" * 395}secret"}}', 500)) as url:
        asking = client(url)
        asking.mask = lambda text: text.replace("secret", "***")
        with pytest.raises(ApiError) as caught:
            asking.request("GET", "/x")
    assert "sec" not in str(caught.value)
