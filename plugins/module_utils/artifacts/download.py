# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloads one file and verifies it. The only place here that speaks to a web server."""

from __future__ import annotations

import shutil
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError

from ansible.module_utils.urls import ConnectionError as AnsibleConnectionError
from ansible.module_utils.urls import open_url

from ..errors import Unreachable, api_error
from .checksum import verify
from .declaration import Url


def download(artifact: Url, into: Path, timeout: int) -> None:
    """:param into: gets the file, under its own name; :param timeout: seconds without any byte."""
    path = into / artifact.name
    try:
        with open_url(artifact.url, timeout=timeout, http_agent="loggy.pipeline") as answer, path.open("wb") as out:
            shutil.copyfileobj(answer, out, 1 << 20)
    except HTTPError as error:
        raise api_error("GET", str(artifact), error.code, str(error.reason), advice="Correct the URL.") from error
    except (URLError, OSError, ValueError, HTTPException, AnsibleConnectionError) as error:
        reason = getattr(error, "reason", error)
        raise Unreachable(
            f"GET {artifact} did not give the file: {reason}.", advice="Correct the URL, or look at the network."
        ) from error
    verify(path, artifact.checksum, str(artifact))
