# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation of elasticsearch_document_info."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..errors import InvalidInput
from ..operation import Context, Operation, Result
from . import options
from .client import Elasticsearch
from .documents import find_documents, query_for

ARGUMENT_SPEC: dict[str, Any] = {
    **options.ARGUMENT_SPEC,
    "index": {"type": "str", "required": True},
    "query": {"type": "dict"},
    "match": {"type": "dict"},
    "text": {"type": "str"},
    "limit": {"type": "int", "default": 100},
    "fields": {"type": "list", "elements": "str"},
    "refresh": {"type": "bool", "default": False},
}


def run(params: Mapping[str, Any], context: Context) -> Result:
    if params["limit"] <= 0:
        raise InvalidInput(f"limit is {params['limit']}; it must be more than 0.")
    found = find_documents(
        Elasticsearch(options.connection(params)),
        params["index"],
        query_for(params["match"], params["text"], params["query"]),
        limit=params["limit"],
        fields=params["fields"],
        refresh=params["refresh"],
    )
    return {"changed": False, **asdict(found)}


OPERATION = Operation(argument_spec=ARGUMENT_SPEC, run=run, rules=options.RULES)
