# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What servers differ in, as a table: a new version or distribution is a row here. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import InvalidInput

Version = tuple[int, int, int]


@dataclass(frozen=True)
class Dialect:
    """One row: how servers of this distribution behave from this version on.

    :param hides_indices: knows hidden indices, and takes expand_wildcards for _cat/indices. Before, a name that begins
        with a dot was all the hiding there was.
    """

    distribution: str
    since: Version
    hides_indices: bool


# Of each distribution the newest first. What is older than its last row is refused.
ROWS = (
    Dialect("elasticsearch", (7, 7, 0), hides_indices=True),
    Dialect("elasticsearch", (6, 8, 0), hides_indices=False),
    Dialect("opensearch", (1, 0, 0), hides_indices=True),
)


@dataclass(frozen=True)
class Release:
    """:param version: as the server writes it."""

    distribution: str
    version: str


def dialect_of(release: Release) -> Dialect:
    """:raises InvalidInput: the server is older than any row."""
    version = parse_version(release.version)
    rows = [row for row in ROWS if row.distribution == release.distribution]
    for row in rows:
        if version >= row.since:
            return row
    oldest = ".".join(map(str, rows[-1].since[:2]))
    raise InvalidInput(
        f"The server is {release.distribution} {release.version}, older than {oldest}, the oldest that is supported."
    )


def parse_version(text: str) -> Version:
    numbers = [int(number) for number in re.findall(r"\d+", text)[:3]]
    major, minor, patch = (*numbers, 0, 0, 0)[:3]
    return major, minor, patch


def release_from_root(answer: Mapping[str, Any]) -> Release:
    """From ``GET /``. Only OpenSearch names its distribution."""
    version = answer["version"]
    return Release(version.get("distribution", "elasticsearch"), version["number"])


def release_from_nodes(answer: Mapping[str, Any]) -> Release:
    """From ``GET /_nodes``: the oldest node. Only Elasticsearch (since 6.3) names its flavour of the build."""
    nodes = list(answer["nodes"].values())
    oldest = min(nodes, key=lambda node: parse_version(node["version"]))
    return Release("elasticsearch" if "build_flavor" in oldest else "opensearch", oldest["version"])
