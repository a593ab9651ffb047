# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a thing of Kafka is called as a resource of Kubernetes. Pure."""

from __future__ import annotations

import hashlib
import re

from ..errors import InvalidInput

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_LEGAL = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_DIGEST = 8
_LONGEST = 253


def is_legal(name: str) -> bool:
    """Whether a resource may be called so."""
    return len(name) <= _LONGEST and _LEGAL.fullmatch(name) is not None


def resource_name(name: str) -> str:
    """``name`` itself where it is legal for a resource; else what is left of it, and a digest that tells two apart.

    :raises InvalidInput: for an empty name.
    """
    if not name:
        raise InvalidInput("A name is empty.", advice="Name the topic.")
    if is_legal(name):
        return name
    left = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[: _LONGEST - _DIGEST - 1].strip("-")
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST]
    return f"{left}-{digest}" if left else f"topic-{digest}"
