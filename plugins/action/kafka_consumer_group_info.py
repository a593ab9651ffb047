# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs kafka_consumer_group_info inside the controller's process."""

from __future__ import annotations

from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.consumer_group_info import OPERATION
from ansible_collections.loggy.pipeline.plugins.plugin_utils.in_process import InProcessAction


class ActionModule(InProcessAction):
    operation = OPERATION
