# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus' HTTP API, as far as it is asked here. Every request only reads."""

from __future__ import annotations

from typing import Any

from ..errors import UnexpectedAnswer
from ..http import HttpClient
from .series import Series, read_series


class PrometheusClient:
    def __init__(self, http: HttpClient) -> None:
        self._http = http

    def query(self, expr: str, *, at: float) -> list[Series]:
        return read_series(self._get("/api/v1/query", query=expr, time=f"{at:.3f}"))

    def query_range(self, expr: str, *, start: float, end: float, step: float) -> list[Series]:
        """:param step: seconds between two points of a series."""
        window = {"start": f"{start:.3f}", "end": f"{end:.3f}", "step": f"{step:g}"}
        return read_series(self._get("/api/v1/query_range", query=expr, **window))

    def list_alert_rules(self) -> list[dict[str, Any]]:
        """Rules of the kind that alerts, each with ``name``, ``state`` and the ``alerts`` that are active."""
        groups = self._get("/api/v1/rules", type="alert")["groups"]
        return [rule for group in groups for rule in group["rules"]]

    def _get(self, path: str, **query: str) -> Any:
        answer = self._http.request("GET", path, query=query)
        if not isinstance(answer.data, dict) or answer.data.get("status") != "success":
            raise UnexpectedAnswer(
                f"GET {answer.url} answered JSON that is not Prometheus'.",
                advice="Is this really Prometheus? Check the URL.",
            )
        return answer.data["data"]
