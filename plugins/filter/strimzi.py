# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters that put what a role declares into Strimzi's form. The code is in module_utils/strimzi."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import PipelineError
from ansible_collections.loggy.pipeline.plugins.module_utils.strimzi.build import build_plugins, volume_plugins
from ansible_collections.loggy.pipeline.plugins.module_utils.strimzi.names import resource_name


def _told(filter_: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(filter_)
    def told(*arguments: Any, **named: Any) -> Any:
        try:
            return filter_(*arguments, **named)
        except PipelineError as error:
            raise AnsibleFilterError(str(error)) from error

    return told


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "resource_name": _told(resource_name),
            "strimzi_build_plugins": _told(build_plugins),
            "strimzi_volume_plugins": _told(volume_plugins),
        }
