# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service or a pod behind the API server's own proxy: its path, and what the API server says for itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import PipelineError, Unauthorized, Unreachable


@dataclass(frozen=True)
class Target:
    """:param kind: service or pod."""

    kind: str
    namespace: str
    name: str
    port: int
    scheme: str = "http"

    @property
    def path(self) -> str:
        return f"/api/v1/namespaces/{self.namespace}/{self.kind}s/{self.scheme}:{self.name}:{self.port}/proxy"

    def __str__(self) -> str:
        return f"{self.kind} {self.name} in namespace {self.namespace}"


def refusal(targets: Sequence[Target], url: str, status: int, answer: Any) -> PipelineError | None:
    """What went wrong when it is the API server that answers, and not what is behind it; else None."""
    target = next((one for one in targets if one.path in url), targets[0])
    if not isinstance(answer, Mapping) or answer.get("kind") != "Status" or "apiVersion" not in answer:
        return None
    said = f"{status}: {answer.get('message') or answer.get('reason') or 'no reason given'}"
    if status == 401:
        return Unauthorized("Asking for", str(target), status, said, advice="Check the credentials of the kubeconfig.")
    if status == 403:
        return Unauthorized(
            "Asking for",
            str(target),
            status,
            said,
            advice=f"The account needs the verbs get, create, update, patch and delete on {target.kind}s/proxy in "
            f"namespace {target.namespace}; or give urls that this host reaches by itself.",
        )
    reasons = {
        404: f"there is no {target}",
        503: f"no pod is ready behind {target}" if target.kind == "service" else f"{target} does not answer",
    }
    return Unreachable(
        f"The API server could not reach {target}: {reasons.get(status, 'it failed')} ({said}).",
        advice=f"See kubectl -n {target.namespace} get pods; a NetworkPolicy, too, may keep the API server away.",
        # A pod that starts is ready in a moment.
        is_slow=status == 503,
    )
