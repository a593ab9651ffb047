# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place that speaks HTTP: JSON in and out, several servers with fail-over. Knows no API, retries no answer."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import ssl
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import MissingLibrary, PipelineError, UnexpectedAnswer, Unreachable, api_error
from .redact import redact_text

try:
    import requests
    import requests.adapters
except ImportError as error:
    REQUESTS_ERROR: ImportError | None = error
    if TYPE_CHECKING:
        raise
else:
    REQUESTS_ERROR = None

_EXCERPT = 400
_BLOCK = 64 * 1024


@dataclass(frozen=True)
class Tls:
    """:param ca_path: a PEM file or folder; None is the system's own store."""

    validate_certs: bool = True
    ca_path: str | None = None
    client_cert: str | None = None
    client_key: str | None = None


@dataclass(frozen=True)
class Answer:
    """:param data: the decoded JSON, None where the body was empty; :param url: what was asked, fail-over included."""

    status: int
    data: Any
    url: str


Gateway = Callable[[str, int, Any], "PipelineError | None"]


class HttpClient:
    """Asks the first server that answers, and stays with it.

    :param urls: base URLs of servers that are interchangeable.
    :param api: what the servers are, for messages: "Kafka Connect".
    :param connections: how many requests may be under way at once.
    :param headers: sent with every request, secrets among them.
    :param proxy: used in place of one that the environment names.
    :param gateway: tells what went wrong when an answer is not the API's own, but of what stands before it: gets the
        URL, the status and the JSON.
    """

    def __init__(
        self,
        urls: Sequence[str],
        *,
        api: str,
        auth: tuple[str, str] | None = None,
        tls: Tls | None = None,
        timeout: float = 10.0,
        connections: int = 8,
        headers: Mapping[str, str] | None = None,
        proxy: str | None = None,
        gateway: Gateway | None = None,
    ) -> None:
        if REQUESTS_ERROR is not None:
            raise MissingLibrary("requests", REQUESTS_ERROR)
        self.urls = [url.rstrip("/") for url in urls]
        self.timeout = timeout
        #: Takes secrets out of an answer before a part of it becomes an error's excerpt.
        self.mask: Callable[[str], str] = redact_text
        self._api = api
        self._preferred = 0
        self._gateway = gateway
        self._session = _session(self.urls, auth, tls or Tls(), connections)
        self._session.headers.update(headers or {})
        if proxy:
            self._session.proxies.update({"http": proxy, "https": proxy})

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | Sequence[str]] | None = None,
        body: Any = None,
        content_type: str = "application/json",
        timeout: float | None = None,
    ) -> Answer:
        """:param path: percent-encoded, from the slash on; :param content_type: of the body, which is some JSON.

        :raises ApiError: for any status from 400; :raises UnexpectedAnswer: for what is no JSON;
        :raises Unreachable: when no server answered. A POST that may have arrived is not sent to a second server.
        """
        timeout = timeout or self.timeout
        headers = {} if body is None else {"Content-Type": content_type}
        is_slow = False
        reasons = []
        for offset in range(len(self.urls)):
            position = (self._preferred + offset) % len(self.urls)
            url = self.urls[position] + path
            try:
                response = self._session.request(
                    method, url, params=query, json=body, headers=headers, timeout=timeout, allow_redirects=False
                )
            except requests.exceptions.RequestException as error:
                reasons.append(f"{method} {url}: {_reason(error, timeout)}")
                is_slow = is_slow or isinstance(error, requests.exceptions.ReadTimeout)
                if method == "POST" and not _never_arrived(error):
                    break
            else:
                self._preferred = position
                return self._answer(method, url, response)
        raise Unreachable(
            f"No answer from {self._api}: " + "; ".join(reasons) + ".",
            advice="Check that it runs, that the URL is right, and that this host may connect to it.",
            is_slow=is_slow,
            urls=self.urls,
        )

    def lines(
        self, path: str, *, query: Mapping[str, str] | None = None, timeout: float | None = None
    ) -> Iterator[bytes]:
        """The lines of an answer that is text, as they come.

        :param timeout: seconds that may pass between two of them.

        :raises ApiError: for any status from 400; :raises Unreachable: when the answer does not come, or ends early.
        """
        url = self.urls[self._preferred] + path
        timeout = timeout or self.timeout
        options: dict[str, Any] = {"stream": True, "timeout": timeout, "allow_redirects": False}
        try:
            with self._session.get(url, params=query, headers={"Accept": "*/*"}, **options) as response:
                if response.status_code >= 300:
                    self._answer("GET", url, response)
                yield from response.iter_lines(chunk_size=_BLOCK, delimiter=b"\n")
        except requests.exceptions.RequestException as error:
            raise Unreachable(
                f"No answer from {self._api}: GET {url}: {_reason(error, timeout)}.",
                advice="Check that it runs, and that this host may connect to it.",
                urls=self.urls,
            ) from error

    def send(
        self,
        path: str,
        blocks: Iterator[bytes],
        *,
        query: Mapping[str, str],
        content_type: str,
        timeout: float | None = None,
    ) -> Answer:
        """POSTs what ``blocks`` gives, as it comes, to one server: it is never in memory as a whole, nor sent twice.

        :param timeout: seconds for which the server may take nothing, and then answer nothing.

        :raises ApiError, UnexpectedAnswer, Unreachable: as request does; what ``blocks`` raises, but for an OSError.
        """
        url, headers = self.urls[self._preferred] + path, {"Content-Type": content_type}
        timeout = timeout or self.timeout
        options: dict[str, Any] = {"headers": headers, "timeout": timeout, "allow_redirects": False}
        try:
            response = self._session.post(url, params=query, data=blocks, **options)
        except requests.exceptions.RequestException as error:
            raise Unreachable(
                f"No answer from {self._api}: POST {url}: {_reason(error, timeout)}.",
                advice="Part of it may have arrived.",
                is_slow=isinstance(error, requests.exceptions.ReadTimeout),
                urls=self.urls,
            ) from error
        return self._answer("POST", url, response)

    def only(self, url: str) -> HttpClient:
        """A client of one of the servers, sharing this one's connections."""
        client = HttpClient.__new__(HttpClient)
        client.__dict__.update(self.__dict__, urls=[url.rstrip("/")], _preferred=0)
        return client

    def _answer(self, method: str, url: str, response: requests.Response) -> Answer:
        status = response.status_code
        is_json, data = _decoded(response)
        if status >= 400 and self._gateway and (refusal := self._gateway(url, status, data)):
            raise refusal
        if status >= 400 and (is_json or status != 404):
            raise api_error(
                method, url, status, self._excerpt(data if is_json else response.text), advice=_advice(status)
            )
        if status >= 300 or not is_json:
            raise self._unexpected(method, url, response)
        return Answer(status, data, url)

    def _unexpected(self, method: str, url: str, response: requests.Response) -> PipelineError:
        kind = response.headers.get("Content-Type", "no content type").split(";")[0]
        to = redact_text(response.headers.get("Location", ""))
        return UnexpectedAnswer(
            f"{method} {url} answered {response.status_code} with "
            + (f"a redirect to {to}." if to else f'{kind} instead of JSON: "{self._excerpt(response.text)}".'),
            advice=f"Is this really {self._api}? Check the URL, and whether a proxy or a login page is in between.",
            url=url,
            status=response.status_code,
        )

    def _excerpt(self, content: Any) -> str:
        if isinstance(content, dict):
            # Connect says it in "message", Prometheus in "error"; where that is no text, all of it is shown.
            error = content.get("error")
            content = content.get("message") or (error if isinstance(error, str) else "") or content
        text = re.sub(r"(?s)<(style|script).*?</\1>|<[^>]+>", " ", str(content))
        text = " ".join(redact_text(self.mask(text)).split())
        return text if len(text) <= _EXCERPT else text[:_EXCERPT] + "..."


class ClosableHttpClient(HttpClient):
    """Can be closed while other threads read."""

    def __init__(self, urls: Sequence[str], **options: Any) -> None:
        super().__init__(urls, **options)
        self._is_closed = False
        self._lock = threading.Lock()
        self._streams: weakref.WeakSet[requests.Response] = weakref.WeakSet()
        self._session.hooks["response"].append(self._answered)

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            for response in self._streams:
                _cut(response)
        self._session.close()

    def _answered(self, response: requests.Response, **options: Any) -> None:
        if not options.get("stream"):
            return
        with self._lock:
            self._streams.add(response)
            if self._is_closed:
                _cut(response)


def _session(urls: Sequence[str], auth: tuple[str, str] | None, tls: Tls, connections: int) -> requests.Session:
    session = requests.Session()
    session.auth = auth
    # Otherwise ~/.netrc could put a password into a request that nobody asked for one.
    session.trust_env = False
    session.proxies.update(requests.utils.get_environ_proxies(urls[0]) if urls else {})
    system_store = ssl.get_default_verify_paths().cafile
    session.verify = tls.validate_certs and (
        tls.ca_path or os.environ.get("REQUESTS_CA_BUNDLE") or system_store or True
    )
    if tls.client_cert:
        session.cert = (tls.client_cert, tls.client_key) if tls.client_key else tls.client_cert
    if not tls.validate_certs:
        import urllib3

        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    adapter = requests.adapters.HTTPAdapter(pool_maxsize=connections)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    session.headers["Accept"] = "application/json"
    return session


def _decoded(response: requests.Response) -> tuple[bool, Any]:
    if not response.content:
        return True, None
    if "json" not in response.headers.get("Content-Type", "json"):
        return False, None
    try:
        return True, response.json()
    except requests.exceptions.JSONDecodeError:
        return False, None


def _advice(status: int) -> str:
    return {401: "Check username and password.", 403: "The user may not do this."}.get(status, "")


def _never_arrived(error: requests.exceptions.RequestException) -> bool:
    import urllib3

    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(
        reason, urllib3.exceptions.NewConnectionError
    )


def _reason(error: requests.exceptions.RequestException, timeout: float) -> str:
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return f"no connection within {timeout:g} s"
    if isinstance(error, requests.exceptions.Timeout):
        return f"no answer within {timeout:g} s"
    cause: BaseException | None = error
    text = str(error)
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            text = cause.strerror
        cause = cause.__cause__ or cause.__context__
    prefix = "TLS failed, " if isinstance(error, requests.exceptions.SSLError) else ""
    return prefix + redact_text(text)


def _cut(response: requests.Response) -> None:
    """To close what another thread reads from would not wake it."""
    with (
        contextlib.suppress(AttributeError, OSError, ValueError),  # it has ended by itself
        socket.fromfd(response.raw.fileno(), socket.AF_INET, socket.SOCK_STREAM) as same,
    ):
        same.shutdown(socket.SHUT_RDWR)
