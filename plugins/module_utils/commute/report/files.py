# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All reports of a finished run, each written whole. Makes none of them itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import history, html_page, junit, prometheus
from .write import prepare_folder, write_json, write_whole


def prepare_reports(folder: Path) -> None:
    """Finds out before anything is sent whether the reports can be made and written.

    :raises InvalidInput: the folder can't be written.
    :raises MissingLibrary: what the page is made with is not installed.
    """
    prepare_folder(folder)
    html_page.require_jinja2()


def write_reports(folder: Path, result: Mapping[str, Any]) -> dict[str, str]:
    """The path of each file by its format.

    :param result: as docs/commute.schema.json describes it.
    :raises InvalidInput: one can't be written.
    """
    paths = {
        "json": write_json(folder, result),
        "junit": _write(folder / junit.NAME, junit.junit_xml(result)),
        "prometheus": _write(folder / prometheus.NAME, prometheus.prometheus_text(result)),
    }
    runs = history.remember(folder, result)
    paths["html"] = _write(folder / html_page.NAME, html_page.page(result, runs))
    return {name: str(path) for name, path in paths.items()}


def _write(path: Path, text: str) -> Path:
    # A path that is no UTF-8 reaches Python as lone surrogates, which no file can hold.
    return write_whole(path, text.encode("utf-8", "replace").decode("utf-8"))
