#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: elasticsearch_document_info
short_description: Find documents in Elasticsearch, all of them
version_added: 0.1.0
description:
  - Returns every document that a query matches, up to a limit, and says whether it is all of them.
  - Reads page by page with C(search_after). An answer for which a shard did not work is an error, never a shorter list.
  - What matches O(query), O(match) and O(text) is returned. With none of them, every document.
author:
  - Loggy pipeline authors (@loggy)
extends_documentation_fragment:
  - loggy.pipeline.elasticsearch
attributes:
  check_mode:
    support: full
    description: Reads in check mode too. O(refresh) makes documents visible and changes none.
  diff_mode:
    support: none
    description: Changes nothing.
options:
  index:
    description:
      - Name or pattern of indices, aliases or data streams. A comma joins several.
      - A pattern may match nothing. A name that does not exist is an error.
    type: str
    required: true
  match:
    description:
      - Fields and the values that they have. A dot in a name leads into an inner object.
      - In a keyword field the value is the whole field. In a text field it is words that follow each other.
    type: dict
  text:
    description:
      - Words that follow each other in any of the fields.
    type: str
  query:
    description:
      - A query in Elasticsearch's Query DSL.
    type: dict
  limit:
    description:
      - How many documents are returned at most.
    type: int
    default: 100
  fields:
    description:
      - The parts of each document to return, patterns too. Unset, the whole document.
    type: list
    elements: str
  refresh:
    description:
      - Whether the indices are refreshed first, so that what was written up to now is found.
      - Unset, a document is found once its index refreshes by itself, after a second or more.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Find the line of one run
  loggy.pipeline.elasticsearch_document_info:
    urls: ["http://127.0.0.1:9200"]
    index: logs-*
    match:
      loggy.run: 0f6f2c0e5d2b4b0c9a7e3b1d2c4f5a6b
    refresh: true
  register: found
  failed_when: found.total != 1

- name: Find what came from one partition in the last hour
  loggy.pipeline.elasticsearch_document_info:
    urls: ["http://127.0.0.1:9200"]
    index: logs-output_tag-*
    match:
      kafka.partition: 0
    query:
      range:
        "@timestamp":
          gte: now-1h
    fields: ["@timestamp", kafka]
    limit: 10000
"""

RETURN = r"""
documents:
  description: The documents, in the order in which their shards took them in.
  returned: success
  type: list
  elements: dict
  contains:
    index:
      description: The index that holds it.
      type: str
      returned: always
    id:
      description: Its id.
      type: str
      returned: always
    source:
      description: The document, or the parts of it that O(fields) names.
      type: dict
      returned: always
  sample:
    - index: logs-output_tag-2026.11.22
      id: "Jq0dXw==:0"
      source:
        message: "( Loggy ) :D"
        kafka: {topic: output_tag, partition: 0, offset: 17, timestamp: "2026-11-22T18:30:00.123Z"}
total:
  description: How many documents match.
  returned: success
  type: int
  sample: 1
complete:
  description: Whether RV(documents) has all that match.
  returned: success
  type: bool
  sample: true
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.elasticsearch.document_info import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
