#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: loggy_commute
short_description: Follow Loggy through the pipeline, and name the stop at which he was lost
version_added: 0.1.0
description:
  - Sends Loggy and his neighbours, log lines that are known again anywhere, and looks for each of them at every stop of
    the pipeline, at all stops at the same time, as they arrive.
  - The verdict is V(arrived) when each line was found at every stop that is deployed, none of them twice at the last
    one, and each document in an index names the very record that was read from the topic. Only that proves that it came
    through Kafka.
  - Otherwise the task fails. The first line of its message says where the lines were last seen, where they are missing,
    what that stop says of itself, and what to do next.
  - Copies in a topic are no failure while the last stop has one of each, since delivery is at-least-once on the way.
    They are counted. Lines that came out of order are told, and are no failure either.
  - It ends when all was found, or at O(deadline). A last look at the stops, and asking for their health, take up to
    22 seconds more when a server does not answer.
  - Memory is bounded. A million neighbours, followed at three stops, take less than 300 MB, the interpreter included.
options:
  neighbours:
    description:
      - How many neighbours follow Loggy.
    type: int
    default: 100
  deadline:
    description:
      - Seconds within which all must have arrived everywhere.
    type: float
    default: 60
  producers:
    description:
      - How many producers send at the same time, each over a connection of its own. Each has an equal share of the
        numbers, in a row, and of O(rate).
      - With more than one, C(-1), C(-2) and so on follows O(producer) in their names.
    type: int
    default: 1
  send:
    description:
      - Whether the lines are sent. Without that it follows a run that somebody else sends, such as pods or hosts that
        run M(loggy.pipeline.log_event), each with a first number of its own and all with the same O(run).
      - O(run) is then required, and O(neighbours) says how many there will be of all senders together.
    type: bool
    default: true
  since:
    description:
      - With O(send=false), the time in ISO 8601 from which on topics are read; files are read from their start then.
        Otherwise both are read from where they end when the task starts.
    type: str
  limits:
    description:
      - What is still good.
    type: dict
    suboptions:
      latency_ms:
        description:
          - The longest time in milliseconds that a line may take from when it was sent to any stop. Unset, no line is
            late.
        type: float
      lost:
        description:
          - How many lines may be missing at a stop when O(deadline) comes.
        type: int
        default: 0
      duplicated:
        description:
          - How many lines may be more than once at the last stop.
        type: int
        default: 0
  stops:
    description:
      - The stops in the order in which a line passes them.
      - A stop that can't be read at the start ends the run before anything is sent.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - What the stop is called in the result.
        type: str
        required: true
      kind:
        description:
          - V(file) is a log file of the host that the task runs on, the application's own or what an aggregator writes.
            Rotation is followed.
          - V(pod_log) is what pods of O(kubernetes) write to their standard output, as the nodes keep it. A node that
            begins a new file, by default at 10 MiB, no longer hands out the one before.
          - V(topic) is a topic of O(kafka), read from its ends before sending on, in no consumer group.
          - V(index) are indices of O(elasticsearch). They are refreshed before each look, when the user may. A document
            has the line in fields, or, where no part on the way parsed it, as the text of its field C(message) or
            C(log).
        type: str
        choices: [file, pod_log, topic, index]
        required: true
      deployed:
        description:
          - Whether the stop is there. One that is not is shown as V(not deployed), and never as passed.
        type: bool
        default: true
      path:
        description:
          - The file, or a pattern of files. Required for O(stops[].kind=file).
        type: path
      namespace:
        description:
          - The namespace of the pods. Required for O(stops[].kind=pod_log).
        type: str
      selector:
        description:
          - The labels of the pods, as C(kubectl --selector) takes them. Required for O(stops[].kind=pod_log). There
            need be no such pod yet.
        type: str
      topic:
        description:
          - The topic. Required for O(stops[].kind=topic). It need not exist yet.
        type: str
      index:
        description:
          - An index, alias, data stream or pattern. Required for O(stops[].kind=index). It need not exist yet.
          - The sink connector's own pattern will do, since V(${...}) stands for anything.
        type: str
      connector:
        description:
          - The connector that brings the lines to this stop. Its state is part of what the stop says of itself.
        type: str
  observations:
    description:
      - What is watched beside the stops. An observation is no stop, and the verdict does not wait for it; it explains
        what happened.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - What it is called in the result.
        type: str
        required: true
      kind:
        description:
          - V(lag) is how many records of O(observations[].topic) a sink has not committed. Sinks commit every few
            seconds or minutes, as C(offset.flush.interval.ms) of the Connect worker says.
          - V(dead_letters) is a sink's dead-letter topic. It is read like a stop of kind V(topic). Reasons come from
            the headers that C(errors.deadletterqueue.context.headers.enable) makes Connect write.
        type: str
        choices: [lag, dead_letters]
        required: true
      topic:
        description:
          - The topic that the sink reads, or the dead-letter topic.
        type: str
      connector:
        description:
          - The sink. Required for O(observations[].kind=lag).
        type: str
      group:
        description:
          - The sink's consumer group. The default is C(connect-) and O(observations[].connector).
        type: str
  report_dir:
    description:
      - A folder for the reports, which are written whatever the verdict is. It is made when it is missing.
      - C(commute.json) has all of this task's return values except RV(table), RV(reports) and C(changed). Its JSON
        Schema is C(docs/commute.schema.json) in the collection.
      - C(junit.xml) has a test case for each stop and one for the verdict, C(commute.prom) the same numbers in
        Prometheus' text format, C(commute.html) a page with the way as a picture, latencies, throughput and the runs
        before, which the folder C(history) keeps.
    type: path
extends_documentation_fragment:
  - loggy.pipeline.sending
  - loggy.pipeline.commute
  - loggy.pipeline.attributes
attributes:
  check_mode:
    support: full
    details:
      - Nothing is sent and no report is written; RV(stops) says which stops could be read.
  diff_mode:
    support: none
    details:
      - Log lines are only ever added.
requirements:
  - msgpack, for O(forward)
  - kafka-python >= 3.0, for stops of kind V(topic) and for O(observations)
  - elastic-transport >= 8.13, for stops of kind V(index)
  - requests, for O(connect)
  - jinja2, for O(report_dir)
seealso:
  - module: loggy.pipeline.log_event
author:
  - Loggy pipeline authors (@loggy)
"""

EXAMPLES = r"""
- name: Follow Loggy and 100 neighbours from the source connector to the index
  loggy.pipeline.loggy_commute:
    neighbours: 100
    deadline: 60
    forward:
      host: 127.0.0.1
      port: 24224
      tag: output_tag
    stops:
      - name: aggregator
        kind: file
        deployed: false
      - name: topic
        kind: topic
        topic: output_tag
        connector: loggy-forward-source
      - name: index
        kind: index
        index: logs-output_tag-*
        connector: loggy-elasticsearch-sink
    observations:
      - name: lag
        kind: lag
        connector: loggy-elasticsearch-sink
        topic: output_tag
      - name: dead letters
        kind: dead_letters
        topic: output_tag-dead-letters
    kafka:
      bootstrap_servers: ["127.0.0.1:9092"]
    elasticsearch:
      urls: ["http://127.0.0.1:9200"]
    connect:
      urls: ["http://127.0.0.1:8083"]
    report_dir: /var/lib/loggy/reports
  register: commute

- name: Show where he was
  ansible.builtin.debug:
    msg: "{{ commute.table.splitlines() }}"

- name: Follow 10000 lines that an application logs at 500 per second, and that an aggregator tails
  loggy.pipeline.loggy_commute:
    neighbours: 10000
    rate: 500
    deadline: 120
    file:
      path: /var/log/app/loggy.log
    stops:
      - name: application
        kind: file
        path: /var/log/app/loggy.log
      - name: topic
        kind: topic
        topic: output_tag
    kafka:
      bootstrap_servers: ["broker.example.com:9093"]
      security_protocol: SASL_SSL
      sasl_mechanism: SCRAM-SHA-512
      username: loggy
      password: "{{ kafka_password }}"

- name: Send a million lines from four producers, and allow for 2 seconds
  loggy.pipeline.loggy_commute:
    neighbours: 1000000
    producers: 4
    deadline: 600
    limits:
      latency_ms: 2000
    forward:
      host: connect.example.com
    stops:
      - name: topic
        kind: topic
        topic: output_tag
    kafka:
      bootstrap_servers: ["broker.example.com:9092"]

- name: Follow what two hosts send, each its own half of 1001 lines
  loggy.pipeline.loggy_commute:
    send: false
    run: nightly_2026_11_22
    since: "2026-11-22T18:00:00Z"
    neighbours: 1000
    stops:
      - name: index
        kind: index
        index: logs-*
    elasticsearch:
      urls: ["http://elasticsearch.example.com:9200"]
"""

RETURN = r"""
schema_version:
  description: The version of the JSON Schema that the values follow.
  returned: not in check mode
  type: int
  sample: 1
verdict:
  description:
    - V(arrived), V(late at STOP), V(lost at STOP), V(duplicated at STOP), V(not through Kafka) or V(stop unreachable).
    - V(none) in check mode.
  returned: always
  type: str
  sample: arrived
word:
  description: The verdict without its stop.
  returned: not in check mode
  type: str
  sample: arrived
line:
  description: The verdict in a sentence.
  returned: not in check mode
  type: str
  sample: 7 of 100 neighbours (3-9) were last seen at topic (output_tag-0@1817) and missing at index.
advice:
  description: What to do next; none when all arrived.
  returned: not in check mode
  type: str
  sample: "7 of them are in the dead-letter topic output_tag-dead-letters: document_parsing_exception; correct that, and
    send them again."
started:
  description: When the run began, by this host's clock.
  returned: not in check mode
  type: str
  sample: "2026-11-22T18:30:00.012345Z"
limits:
  description: The O(limits).
  returned: not in check mode
  type: dict
  sample: {latency_ms: 2000.0, lost: 0, duplicated: 0}
stop:
  description: The stop that the verdict is about, C(sender) when sending failed; none when all arrived.
  returned: not in check mode
  type: str
  sample: index
last_seen:
  description: The last stop at which the lines in question were; none when that was nowhere.
  returned: not in check mode
  type: str
  sample: topic
numbers:
  description: What the verdict is about; 0 is Loggy, 1 and up are the neighbours.
  returned: not in check mode
  type: dict
  contains: &numbers
    count:
      description: How many.
      type: int
      returned: always
      sample: 7
    ranges:
      description: Their numbers, as pairs of the first and the last of a range; at most 1000 pairs.
      type: list
      elements: list
      returned: always
      sample: [[3, 9]]
run:
  description: The run id of all lines.
  returned: always
  type: str
  sample: 6d1f0c3e5a7b4f0e9d2c8b1a3f4e5d6c
seconds:
  description: How long it took, from noting where the stops were to the last look.
  returned: not in check mode
  type: float
  sample: 0.583
deadline:
  description: The O(deadline).
  returned: not in check mode
  type: float
  sample: 60
sender:
  description:
    - What was sent, as M(loggy.pipeline.log_event) returns it, of all producers together, and of each.
    - With O(send=false), C(sent) and C(acknowledged) are none, since nobody told.
  returned: always
  type: dict
  sample:
    run: 6d1f0c3e5a7b4f0e9d2c8b1a3f4e5d6c
    producer: host1
    destination: forward 127.0.0.1:24224 tag output_tag
    planned: {count: 101, ranges: [[0, 100]]}
    sent: {count: 101, ranges: [[0, 100]]}
    acknowledged: {count: 101, ranges: [[0, 100]]}
    chunks: 1
    resent: 0
    first_time: "2026-11-22T18:30:00.123456Z"
    last_time: "2026-11-22T18:30:00.124567Z"
    producers:
      - producer: host1
        planned: {count: 101, ranges: [[0, 100]]}
        sent: {count: 101, ranges: [[0, 100]]}
        acknowledged: {count: 101, ranges: [[0, 100]]}
stops:
  description: The stops in their order. One that is not deployed has no more than its name, kind and status.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: The stop's name.
      type: str
      returned: always
      sample: index
    kind:
      description: Its kind.
      type: str
      returned: always
      sample: index
    deployed:
      description: Whether it is there.
      type: bool
      returned: always
      sample: true
    status:
      description:
        - The stop's own state. V(arrived), V(late), V(lost), V(duplicated), V(not through Kafka), V(stop unreachable),
          V(nothing sent) or V(not deployed).
      type: str
      returned: not in check mode
      sample: arrived
    reachable:
      description: Whether the stop could be read.
      type: bool
      returned: in check mode
      sample: true
    place:
      description: Where Loggy was found. C(file:line), C(namespace/pod), C(topic-partition@offset) or C(index/id).
      type: str
      returned: not in check mode
      sample: logs-output_tag-2026.11.22/c8pFCRYi00JxqGpLxyWBqA==:0
    where:
      description: The same as values, by the stop's kind. For an index also the document's C(kafka) stamp.
      type: dict
      returned: not in check mode
      sample:
        index: logs-output_tag-2026.11.22
        id: c8pFCRYi00JxqGpLxyWBqA==:0
        kafka: {topic: output_tag, partition: 0, offset: 1817, timestamp: "2026-11-22T18:30:00.123Z"}
    latency_ms:
      description:
        - Milliseconds from the time in Loggy's line, which is when it was made, to when it was at this stop.
      type: float
      returned: not in check mode
      sample: 298.4
    latency_clock:
      description:
        - Whose clock tells when it was there. V(host) is the clock of the host that the task runs on, which also made
          the line; that time is when the line was seen, up to a quarter of a second after it could be. V(broker) is the
          broker's, for a topic whose timestamps are LogAppendTime, V(node) the cluster node's, for the log of a pod;
          they may differ from this host's.
      type: str
      returned: not in check mode
      sample: host
    expected:
      description: How many lines were expected, Loggy included.
      type: int
      returned: not in check mode
      sample: 101
    found:
      description: How many different ones of them were found.
      type: int
      returned: not in check mode
      sample: 101
    missing:
      description: The lines that were not found.
      type: dict
      returned: not in check mode
      contains: *numbers
    duplicates:
      description: The lines that were found more than once; C(copies) counts every one but the first.
      type: dict
      returned: not in check mode
      sample: {count: 0, ranges: [], copies: 0}
    unexpected:
      description: Lines of the run with a number that was not sent.
      type: dict
      returned: not in check mode
      contains: *numbers
    unproven:
      description:
        - For an index behind a topic, the lines of which a document names no record that was read from the topic.
      type: dict
      returned: not in check mode
      contains: *numbers
    out_of_order:
      description:
        - The lines that came after a line of their producer with a higher number, in the same partition or file.
        - None where a stop has no order; documents are read by their numbers.
      type: dict
      returned: not in check mode
      contains: *numbers
    latency:
      description:
        - How long all lines took, in milliseconds. C(from_start) counts from the time at which each line was sent,
          C(from_stop_before) from when it was seen at the stop before, which is none at the first one.
        - The five figures are exact; C(p99) is the smallest latency that 99 percent do not exceed. C(histogram) has the
          number of lines up to each C(le) and above the one before.
        - C(negative) counts lines that seem to have come before they left. The clocks of the two ends differ by as much
          at least.
      type: dict
      returned: not in check mode
      sample:
        from_start:
          count: 101
          min: 88.2
          median: 96.1
          p95: 101.4
          p99: 102.0
          max: 102.1
          clock: host
          negative: 0
          histogram: [{le: 50, count: 0}, {le: 100, count: 83}, {le: 200, count: 18}, {le: null, count: 0}]
        from_stop_before: null
    throughput:
      description:
        - How many lines were seen for the first time in each stretch of C(bucket_seconds); at most 120 of them.
        - The stretches are the same at every stop.
      type: dict
      returned: not in check mode
      sample: {bucket_seconds: 0.1, from: "2026-11-22T18:30:00.012345Z", counts: [0, 83, 18]}
    first_time:
      description: When the first line was seen here, by the clock that C(latency) names.
      type: str
      returned: not in check mode
      sample: "2026-11-22T18:30:00.234567Z"
    last_time:
      description: When the last line was seen here.
      type: str
      returned: not in check mode
      sample: "2026-11-22T18:30:00.345678Z"
    error:
      description: Why the stop could not be read when that was tried last.
      type: str
      returned: always
      sample: null
    health:
      description: What the stop says of itself in one line; asked only when not all arrived.
      type: str
      returned: not in check mode
      sample: "connector loggy-elasticsearch-sink: PAUSED, 1/1 tasks; cluster green; index logs-1 green, 0 documents"
observations:
  description: What was watched beside the stops, by O(observations).
  returned: not in check mode
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
      returned: always
      sample: lag
    kind:
      description: Its kind.
      type: str
      returned: always
      sample: lag
    last:
      description: The lag at the end, in records; none when it could never be read.
      type: int
      returned: for V(lag)
      sample: 0
    highest:
      description: The highest lag that was seen.
      type: int
      returned: for V(lag)
      sample: 4711
    samples:
      description: Seconds since the start and the lag then; at most 120 pairs.
      type: list
      elements: list
      returned: for V(lag)
      sample: [[0.0, 0], [1.1, 4711], [2.2, 0]]
    count:
      description: How many records came into the dead-letter topic, of this run or not.
      type: int
      returned: for V(dead_letters)
      sample: 8
    of_run:
      description: The lines of this run that are in it.
      type: dict
      returned: for V(dead_letters)
      contains: *numbers
    reasons:
      description: Why, the commonest first. Elasticsearch's name of the error, or the exception's class.
      type: list
      elements: dict
      returned: for V(dead_letters)
      sample: [{reason: document_parsing_exception, count: 7}]
    error:
      description: Why it could not be read when that was tried last.
      type: str
      returned: always
      sample: null
    health:
      description: What it says of itself in one line; asked only when not all arrived.
      type: str
      returned: always
      sample: "group connect-loggy-elasticsearch-sink is 0 records behind the end of topic output_tag"
table:
  description: A line for the sender and one for each stop, in columns.
  returned: always
  type: str
  sample: |-
    stop        status        Loggy                                   latency  neighbours
    sender      acknowledged  forward 127.0.0.1:24224 tag output_tag           100 of 100
    aggregator  not deployed  -                                       -        -
    topic       arrived       output_tag-0@1817                       111 ms   100 of 100
    index       arrived       logs-output_tag-2026.11.22/c8pF==:0     298 ms   100 of 100
reports:
  description: The path of each report that was written, by its kind; empty without O(report_dir), and in check mode.
  returned: always
  type: dict
  sample:
    json: /var/lib/loggy/reports/commute.json
    junit: /var/lib/loggy/reports/junit.xml
    prometheus: /var/lib/loggy/reports/commute.prom
    html: /var/lib/loggy/reports/commute.html
"""

from ansible_collections.loggy.pipeline.plugins.module_utils.commute.loggy_commute import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
