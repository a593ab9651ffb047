# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Deployment's environment says; the names with STRIMZI are Strimzi's own."""

from __future__ import annotations

import os

KAFKA_VERSION = "4.3.1"
KAFKA_IMAGE = os.environ.get("LOGGY_STAND_IN_KAFKA_IMAGE", f"localhost/loggy-test/kafka:{KAFKA_VERSION}")
# How long what waits for pods may take before the resource is NotReady, and how often all is looked at again.
OPERATION_MS = int(os.environ.get("STRIMZI_OPERATION_TIMEOUT_MS", "300000"))
RESYNC_SECONDS = int(os.environ.get("STRIMZI_FULL_RECONCILIATION_INTERVAL_MS", "120000")) / 1000
BUILD_SECONDS = int(os.environ.get("STRIMZI_CONNECT_BUILD_TIMEOUT_MS", "300000")) / 1000
HEALTH_PORT = int(os.environ.get("LOGGY_STAND_IN_HEALTH_PORT", "8080"))


def namespaces() -> list[str]:
    """:returns: nothing for all of them."""
    text = os.environ.get("STRIMZI_NAMESPACE", "").strip() or os.environ.get("STRIMZI_OPERATOR_NAMESPACE", "")
    return [] if text == "*" else [name.strip() for name in text.split(",") if name.strip()]
