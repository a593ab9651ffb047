# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach Kafka Connect, for modules that do not talk to it alone: below their option connect."""

from __future__ import annotations

from ansible_collections.loggy.pipeline.plugins.doc_fragments.connect import ModuleDocFragment as Connect
from ansible_collections.loggy.pipeline.plugins.plugin_utils.fragments import options_of


class ModuleDocFragment:
    # With its type: the yamllint of ansible-test takes a plain assignment in a fragment for a literal text.
    DOCUMENTATION: str = r"""
options:
  connect:
    description: How Kafka Connect's REST API is reached, as the modules for it take it.
    type: dict
    suboptions:
""" + options_of(Connect.DOCUMENTATION, "connect")
