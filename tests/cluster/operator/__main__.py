# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Deployment starts."""

from __future__ import annotations

import kopf

# Imported for what it registers.
from tests.cluster.operator import handlers  # noqa: F401
from tests.cluster.operator.settings import namespaces


def main() -> None:
    kopf.configure()
    kopf.run(standalone=True, clusterwide=not namespaces(), namespaces=namespaces())


main()
