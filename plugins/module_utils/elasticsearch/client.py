# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends requests to an Elasticsearch or OpenSearch and turns what goes wrong into this collection's errors.

It speaks plain JSON over elastic-transport: no product check and no "compatible-with" header, which the elasticsearch
client sends and other versions refuse. Knows no index and no document.
"""

from __future__ import annotations

import base64
import ssl
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from ..errors import ApiError, InvalidInput, MissingLibrary, UnexpectedAnswer, Unreachable, api_error
from .options import Connection, Server

if TYPE_CHECKING:
    from elastic_transport import NodeConfig

_JSON = "application/json"
_EXCERPT = 300


def index_path(index: str, *rest: str) -> str:
    """The path of an index name or pattern; a comma joins several, and <date math> is kept."""
    if not index.strip("/ "):
        raise InvalidInput("index is empty.", advice="Name an index, or a pattern like logs-*.")
    return "/" + "/".join([quote(index, safe="*,-+"), *rest])


@contextmanager
def _hidden(module: str) -> Iterator[None]:
    """Whoever imports it meanwhile finds that it is not installed, unless it was imported before."""
    is_new = module not in sys.modules
    if is_new:
        sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if is_new:
            del sys.modules[module]


class Elasticsearch:
    """One cluster behind one or more URLs; a URL that does not answer is passed over for the next one."""

    def __init__(self, to: Connection) -> None:
        try:
            # For its asynchronous client, which is not used here, it imports aiohttp: most of the time that it takes.
            with _hidden("aiohttp"):
                import elastic_transport
        except ImportError as error:
            raise MissingLibrary("elastic-transport", error) from error
        self._library = elastic_transport
        self._urls = ", ".join(to.urls)
        self._transport = elastic_transport.Transport(
            [self._node(server, to) for server in to.servers],
            randomize_nodes_in_pool=False,
            max_retries=len(to.servers) - 1,
            retry_on_timeout=True,
            meta_header=False,
        )

    def get(self, path: str, **query: Any) -> Any:
        return self.request("GET", path, query=query)

    def post(self, path: str, body: Any = None, **query: Any) -> Any:
        return self.request("POST", path, body=body, query=query)

    def request(self, method: str, path: str, *, body: Any = None, query: Mapping[str, Any] | None = None) -> Any:
        """The answer's JSON.

        :raises Unreachable: no server answered. :raises ApiError: one did, with an error.
        :raises UnexpectedAnswer: what answered is not Elasticsearch.
        """
        target = f"{path}?{urlencode(query)}" if query else path
        headers = {"accept": _JSON, **({"content-type": _JSON} if body is not None else {})}
        try:
            answer = self._transport.perform_request(method, target, body=body, headers=headers)
        except self._library.SerializationError as error:
            raise UnexpectedAnswer(
                f"{method} {self._urls}{path} was not answered with JSON: {error.message[:_EXCERPT]}",
                advice="Is this the URL of an Elasticsearch?",
            ) from error
        except self._library.TransportError as error:
            raise self._unreachable(error) from error
        node = answer.meta.node
        url = f"{node.scheme}://{node.host}:{node.port}{node.path_prefix}{path}"
        return _checked(method, url, answer.meta.status, answer.body)

    def _unreachable(self, error: Any) -> Unreachable:
        reasons = list(dict.fromkeys(_reason(one) for one in (*error.errors, error) if not isinstance(one, OSError)))
        return Unreachable(
            f"No Elasticsearch answered at {self._urls}: {'; '.join(reasons)}.",
            advice="Check the URLs, http or https, and that the server runs.",
        )

    def _node(self, server: Server, to: Connection) -> NodeConfig:
        tls: dict[str, Any] = {}
        if server.scheme == "https":
            context = _tls_context(to)
            tls = {"ca_certs": to.ca_path, "client_cert": to.client_cert, "client_key": to.client_key}
            if not to.validate_certs:
                # elastic-transport leaves the client's certificate out when it does not verify the server's.
                tls = {"ssl_context": context, "verify_certs": False, "ssl_show_warn": False}
        return self._library.NodeConfig(
            server.scheme,
            server.host,
            server.port,
            path_prefix=server.path,
            headers=_authorization(server, to),
            request_timeout=to.timeout,
            **tls,
        )


def _tls_context(to: Connection) -> ssl.SSLContext:
    """:raises InvalidInput: a file holds no certificate or no key; else it would be told as an unreachable server."""
    context = ssl.create_default_context()
    if not to.validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        if to.ca_path:
            context.load_verify_locations(to.ca_path)
        if to.client_cert:
            context.load_cert_chain(to.client_cert, to.client_key)
    except (ssl.SSLError, OSError) as error:
        files = ", ".join(path for path in (to.ca_path, to.client_cert, to.client_key) if path)
        raise InvalidInput(f"The TLS files {files} could not be loaded: {error}.") from error
    return context


def _authorization(server: Server, to: Connection) -> dict[str, str]:
    if to.api_key:
        return {"authorization": f"ApiKey {to.api_key}"}
    user, password = (to.username, to.password) if to.username else (server.user, server.password)
    if not user:
        return {}
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def _reason(error: Exception) -> str:
    """The innermost cause in its own words: urllib3's outer messages are objects' addresses."""
    cause: BaseException = error
    while (inner := getattr(cause, "reason", None) or cause.__cause__ or cause.__context__) is not None:
        if not isinstance(inner, BaseException):
            break
        cause = inner
    if isinstance(cause, ssl.SSLError):
        return _tls_reason(cause)
    if isinstance(cause, TimeoutError):
        return "timed out"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return str(cause)[:_EXCERPT]


def _tls_reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    words = (error.reason or str(error)).partition("(")[0].strip().replace("_", " ").lower()
    if "alert" in words and ("certificate" in words or "unknown ca" in words):
        return f"it wants a client certificate, or does not accept this one: {words}"
    # Of TLS 1.3, where the refusal comes after the handshake, the connection's end may be all that is seen.
    if words.startswith(("eof occurred", "unexpected eof")):
        return "it ended the TLS connection, as one does that wants a client certificate"
    return f"TLS failed: {words}"


def _checked(method: str, url: str, status: int, body: Any) -> Any:
    # What stands before a server may say these in HTML.
    is_status_enough = status in (401, 403, 429) or status >= 500
    if isinstance(body, str) and not is_status_enough:
        raise UnexpectedAnswer(
            f"{method} {url} answered {status} with text instead of JSON: {_line(body)}",
            advice="Is this the URL of an Elasticsearch?",
        )
    if status >= 400:
        raise _refusal(method, url, status, body)
    return body


def _refusal(method: str, url: str, status: int, body: Any) -> ApiError:
    advice = {
        401: "Check username and password, or api_key.",
        403: "This user or key lacks a privilege for it.",
    }.get(status, "")
    return api_error(method, url, status, _excerpt(body), advice=advice)


def _excerpt(body: Any) -> str:
    error = body.get("error") if isinstance(body, dict) else body
    if isinstance(error, dict):
        # Of a search that failed on its shards only the root says why.
        cause = (error.get("root_cause") or [error])[0]
        error = f"{cause.get('type')}: {cause.get('reason')}"
        # 6.8 keeps the name out of the reason.
        if cause.get("index", "") not in error:
            error += f" [{cause['index']}]"
    text = _line(str(error if error is not None else body or "no text"))
    return text if text.endswith(".") else f"{text}."


def _line(text: str) -> str:
    return " ".join(text.split())[:_EXCERPT]
