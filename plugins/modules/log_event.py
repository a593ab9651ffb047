#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: log_event
short_description: Log Loggy or his neighbours, numbered, and know what was acknowledged
version_added: 0.1.0
description:
  - Makes log lines that are known again anywhere on their way. Each is a JSON object whose C(loggy) field has the
    run id, the number within the run, the producer's name and the time at which it was made.
  - 'Number 0 is Loggy, whose message is "( Loggy ) :D". Numbers from 1 up are his neighbours, "Loggy neighbor:1 :)"
    and so on.'
  - They go to a file, over the forward protocol, or, with neither, into the task's result.
  - Events are made when they are due, and forgotten when they are acknowledged. A million of them need the memory of a
    few chunks.
options:
  kind:
    description:
      - V(loggy) is the one event with number 0, V(neighbours) are those numbered 1 to O(count), V(both) are all of
        these.
    type: str
    choices: [loggy, neighbours, both]
    default: loggy
  count:
    description:
      - How many neighbours. At most 1000 events fit into the task's result, when neither O(file) nor O(forward) is set.
    type: int
    default: 100
  first:
    description:
      - The number of the first neighbour, with O(kind=neighbours). So several hosts or pods can share the numbers of
        one O(run), which M(loggy.pipeline.loggy_commute) follows with its own option C(send=false).
    type: int
    default: 1
extends_documentation_fragment:
  - loggy.pipeline.sending
  - loggy.pipeline.attributes
attributes:
  check_mode:
    support: full
    details:
      - Nothing is sent; RV(planned) says what would be.
  diff_mode:
    support: none
    details:
      - Events are only ever added.
requirements:
  - msgpack, for O(forward)
seealso:
  - module: loggy.pipeline.loggy_commute
  - name: Forward protocol
    description: The specification of version 1.
    link: https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1
author:
  - Loggy pipeline authors (@loggy)
"""

EXAMPLES = r"""
- name: Let an application log one line
  loggy.pipeline.log_event:
    file:
      path: /var/log/app/app.log

- name: Send 100 neighbours to the source connector, and fail unless each was acknowledged
  loggy.pipeline.log_event:
    kind: neighbours
    count: 100
    forward:
      host: connect.example.com
      port: 24224
      tag: output_tag
  register: neighbours

- name: Send 1000 events per second for ten minutes over TLS with a shared key
  loggy.pipeline.log_event:
    kind: neighbours
    count: 600000
    rate: 1000
    forward:
      host: aggregator.example.com
      shared_key: "{{ forward_shared_key }}"
      tls: true
      ca_path: /etc/ssl/certs/logging-ca.pem
      compress: true

- name: Send the second half of 1000 neighbours, of which another host sends the first
  loggy.pipeline.log_event:
    run: nightly_2026_11_22
    kind: neighbours
    first: 501
    count: 500
    forward:
      host: connect.example.com

- name: Make a line and show it
  loggy.pipeline.log_event:
  register: loggy

- name: Show the line
  ansible.builtin.debug:
    msg: "{{ loggy.lines[0] }}"
"""

RETURN = r"""
run:
  description: The run id of all events.
  returned: always
  type: str
  sample: 6d1f0c3e5a7b4f0e9d2c8b1a3f4e5d6c
producer:
  description: The sender's name in all events.
  returned: always
  type: str
  sample: host1
destination:
  description: Where the events went, in words.
  returned: always
  type: str
  sample: forward 127.0.0.1:24224 tag output_tag
planned:
  description: The events that were asked for.
  returned: always
  type: dict
  contains: &numbers
    count:
      description: How many.
      type: int
      returned: always
      sample: 101
    ranges:
      description: Their numbers, as pairs of the first and the last of a range; at most 1000 pairs.
      type: list
      elements: list
      returned: always
      sample: [[0, 100]]
sent:
  description: The events that were made and given to the destination; none in check mode.
  returned: always
  type: dict
  contains: *numbers
acknowledged:
  description:
    - The events that the destination has. For forward, those whose chunk was acknowledged; for a file, those that were
      written (and are on the disk, with O(file.fsync)).
    - After a failure this says what arrived nevertheless.
  returned: always
  type: dict
  contains: *numbers
chunks:
  description: How many chunks were made; 0 unless O(forward) is set.
  returned: always
  type: int
  sample: 1
resent:
  description:
    - How many times a chunk was sent again. The receiver may have got such a chunk more than once, under one chunk id.
  returned: always
  type: int
  sample: 0
first_time:
  description: When the first event was made, by this host's clock, in UTC.
  returned: always
  type: str
  sample: "2026-11-22T18:30:00.123456Z"
last_time:
  description: When the last event was made.
  returned: always
  type: str
  sample: "2026-11-22T18:30:00.234567Z"
lines:
  description: The log lines themselves.
  returned: when neither O(file) nor O(forward) is set
  type: list
  elements: str
  sample:
    - '{"message":"( Loggy ) :D","loggy":{"run":"r1","seq":0,"producer":"h","sent":"2026-11-22T18:30:00.123456Z"}}'
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.log.log_event import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
