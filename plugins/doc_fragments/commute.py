# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connections of ``loggy_commute``: the options that the modules of each API have, one level further down."""

from __future__ import annotations

from ansible_collections.loggy.pipeline.plugins.doc_fragments.connect import ModuleDocFragment as Connect
from ansible_collections.loggy.pipeline.plugins.doc_fragments.elasticsearch import ModuleDocFragment as Elasticsearch
from ansible_collections.loggy.pipeline.plugins.doc_fragments.kafka import ModuleDocFragment as Kafka
from ansible_collections.loggy.pipeline.plugins.doc_fragments.kubernetes import ModuleDocFragment as Kubernetes
from ansible_collections.loggy.pipeline.plugins.plugin_utils.fragments import options_of


def _suboptions(option: str, description: str, fragment: str) -> str:
    head = f"  {option}:\n    description:\n      - {description}\n    type: dict\n    suboptions:\n"
    return head + options_of(fragment, option)


class ModuleDocFragment:
    # With its type: the yamllint of ansible-test takes a plain assignment in a fragment for a literal text.
    DOCUMENTATION: str = (
        "options:\n"
        + _suboptions(
            "kafka", "How to reach Kafka, for stops of kind V(topic), and for O(observations).", Kafka.DOCUMENTATION
        )
        + _suboptions(
            "elasticsearch", "How to reach Elasticsearch, for stops of kind V(index).", Elasticsearch.DOCUMENTATION
        )
        + _suboptions(
            "connect", "How to reach Kafka Connect, for stops with a O(stops[].connector).", Connect.DOCUMENTATION
        )
        + _suboptions(
            "kubernetes", "How to reach a cluster's API server, for stops of kind V(pod_log).", Kubernetes.DOCUMENTATION
        )
    )
