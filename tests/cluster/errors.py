# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one error that the cluster's code raises for its user."""

from __future__ import annotations


class ClusterError(Exception):
    """Its first line says what is wrong; what a program said about it may follow."""
