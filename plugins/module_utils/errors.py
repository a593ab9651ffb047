# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one tree of errors. Below ``main()`` everything raises these and nobody calls ``fail_json``.

PipelineError
├── InvalidInput        refused before anything was touched
├── MissingLibrary      a Python library is not installed
├── Unreachable         no server answered: refused, timed out, TLS, DNS
├── ApiError            a server answered, and the answer is an error
│   ├── Unauthorized    401 and 403
│   ├── NotFound        404
│   └── Conflict        409
├── UnexpectedAnswer    a server answered something that is not its API (HTML, no JSON)
├── NotReady            waited for a state that did not come, or that can't come any more
└── CommandFailed       a local program ended with an error
"""

from __future__ import annotations

from typing import Any


class PipelineError(Exception):
    """An error that a user reads. Its first line says what was tried, on what, and what came back.

    :param message: one line first; further lines may follow.
    :param advice: what to do next, one sentence; appended to the message, on a line of its own when it begins one.
    :param details: JSON-ready values that go into the task's result beside ``msg``.
    """

    def __init__(self, message: str, *, advice: str = "", **details: Any) -> None:
        space = "" if not advice or advice.startswith("\n") else " "
        super().__init__(f"{message}{space}{advice}")
        self.message = message
        self.details = details


class InvalidInput(PipelineError):
    pass


class MissingLibrary(PipelineError):
    def __init__(self, library: str, error: ImportError) -> None:
        super().__init__(
            f"The Python library {library} is missing ({error}).",
            advice=f"Install it for the interpreter that runs this task: pip install {library}",
        )


class Unreachable(PipelineError):
    """:param is_slow: a server was there, and may still be at work on the request."""

    def __init__(self, message: str, *, advice: str = "", is_slow: bool = False, **details: Any) -> None:
        super().__init__(message, advice=advice, **details)
        self.is_slow = is_slow


class ApiError(PipelineError):
    """:param status: the HTTP status; :param excerpt: the first characters of what the server said."""

    def __init__(self, method: str, url: str, status: int, excerpt: str, *, advice: str = "") -> None:
        super().__init__(
            f"{method} {url} answered {status}: {excerpt}", advice=advice, method=method, url=url, status=status
        )
        self.status = status
        self.excerpt = excerpt


class Unauthorized(ApiError):
    pass


class NotFound(ApiError):
    pass


class Conflict(ApiError):
    pass


class UnexpectedAnswer(PipelineError):
    pass


class NotReady(PipelineError):
    pass


class CommandFailed(PipelineError):
    pass


def api_error(method: str, url: str, status: int, excerpt: str, *, advice: str = "") -> ApiError:
    """The ApiError whose class fits ``status``."""
    kinds: dict[int, type[ApiError]] = {401: Unauthorized, 403: Unauthorized, 404: NotFound, 409: Conflict}
    return kinds.get(status, ApiError)(method, url, status, excerpt, advice=advice)
