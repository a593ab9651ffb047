# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pods that a selector chooses, and what they log. Reads; waits for nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from ..errors import UnexpectedAnswer
from ..http import HttpClient
from .credentials import credentials
from .pods import Container


class PodLogs:
    def __init__(self, connection: Mapping[str, Any], namespace: str, selector: str) -> None:
        """:param connection: values of CONNECTION_SPEC; :param selector: labels, as kubectl's --selector takes them."""
        who = credentials(connection)
        self.namespace = namespace
        self.selector = selector
        self._http = HttpClient(
            [who.url], api="the Kubernetes API server", tls=who.tls, headers=who.headers, proxy=who.proxy
        )
        self._pods = f"/api/v1/namespaces/{quote(namespace, safe='')}/pods"

    def list_pods(self) -> list[Mapping[str, Any]]:
        answer = self._http.request("GET", self._pods, query={"labelSelector": self.selector})
        try:
            return list(answer.data["items"])
        except (KeyError, TypeError) as error:
            raise UnexpectedAnswer(
                f"{answer.url} answered with JSON that is no list of pods.", advice="Is this a Kubernetes API server?"
            ) from error

    def read_lines(self, container: Container, since: str) -> Iterator[bytes]:
        """Its lines from then on, each behind the node's time for it.

        :param since: RFC 3339; the API takes whole seconds.
        """
        query = {"container": container.name, "timestamps": "true", "sinceTime": since}
        return self._http.lines(f"{self._pods}/{quote(container.pod, safe='')}/log", query=query)
