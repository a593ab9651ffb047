"""What the dashboards show: titles, units, and queries by what each is called. Knows nothing of Grafana's format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Panel:
    """:param unit: as Grafana names it; :param queries: legend, with ``{{label}}`` in it, to expression."""

    title: str
    unit: str
    queries: Mapping[str, str]
    description: str = ""
    kind: str = "timeseries"


@dataclass(frozen=True)
class Board:
    uid: str
    title: str
    description: str
    rows: Sequence[tuple[str, Sequence[Panel]]]


def number(title: str, unit: str, expr: str, description: str = "") -> Panel:
    return Panel(title, unit, {"": expr}, description, "stat")


def by(labels: str, expr: str) -> dict[str, str]:
    """One line for each combination of labels, which are its name."""
    names = [label.strip() for label in labels.split(",")]
    return {" ".join(f"{{{{{name}}}}}" for name in names): expr}


def latency(share: float, chosen: str = "") -> str:
    return f"histogram_quantile({share}, sum by (stop, le) (rate(loggy_canary_latency_seconds_bucket{chosen}[10m])))"


LOGS = "suffix: logs/s"
EVENTS = "sum(rate(loggy_forward_source_events_total[2m]))"
RECORDS = 'sum(rate(kafka_connect_source_records_written_total{connector=~".*forward-source.*"}[2m]))'
INDEXED = "sum(rate(loggy_elasticsearch_sink_documents_indexed_total[2m]))"
LAG = 'kafka_consumergroup_lag{consumergroup=~"connect-.*"}'


ARRIVED = "sum(loggy_canary_arrived_total)"


def increases(metric: str, labels: str) -> str:
    return f"sum by ({labels}) (increase({metric}[10m]))"


COMMUTE = Board(
    "loggy-commute",
    "Loggy's commute",
    "The way of a log: how many come to each stop, how long they take, and where they are lost.",
    [
        (
            "The way, from the aggregator to the index",
            [
                number("Received by the source", LOGS, EVENTS, "Logs that the forward source hands to Connect."),
                number("Written to the topic", LOGS, RECORDS, "Records that Kafka has confirmed."),
                number("Waiting in the topic", "short", f"sum({LAG})", "Records that the sink has not read yet."),
                number("Written to the index", LOGS, INDEXED, "Documents that Elasticsearch has."),
            ],
        ),
        (
            "How Loggy fares: the canary's last hour",
            [
                number("Lost", "short", "sum(increase(loggy_canary_lost_total[1h]))", "Not there at the deadline."),
                number("To the topic (p95)", "s", latency(0.95, '{stop="topic"}')),
                number("To the index (p95)", "s", latency(0.95, '{stop="index"}')),
                number(
                    "In time, ever",
                    "percentunit",
                    f"{ARRIVED} / ({ARRIVED} + sum(loggy_canary_lost_total))",
                ),
            ],
        ),
        (
            "Rate and lag",
            [
                Panel("Logs at each hop", LOGS, {"source": EVENTS, "topic": RECORDS, "index": INDEXED}),
                Panel("Behind in the topic", "short", by("consumergroup", f"sum by (consumergroup) ({LAG})")),
            ],
        ),
        (
            "Latency and loss",
            [
                Panel(
                    "From being sent to each stop",
                    "s",
                    {
                        "{{stop}}, median": latency(0.5),
                        "{{stop}}, p95": latency(0.95),
                    },
                ),
                Panel(
                    "Lost, late and doubled, by stop, in ten minutes",
                    "short",
                    {
                        "lost at {{stop}}": increases("loggy_canary_lost_total", "stop"),
                        "late at {{stop}}": increases("loggy_canary_late_total", "stop"),
                        "twice in {{stop}}": increases('loggy_canary_duplicates_total{stop="index"}', "stop"),
                    },
                ),
            ],
        ),
        (
            "What holds logs up",
            [
                Panel(
                    "Waiting in the source",
                    "bytes",
                    by("connector", "sum by (connector) (loggy_forward_source_bytes_waiting)"),
                ),
                Panel(
                    "Refused in ten minutes",
                    "short",
                    {
                        "by the source": "sum(increase(loggy_forward_source_rejected_total[10m]))",
                        "by the index": "sum(increase(loggy_elasticsearch_sink_documents_refused_total[10m]))",
                    },
                ),
            ],
        ),
    ],
)

JVM = (
    "The JVM",
    [
        Panel("Heap", "bytes", by("instance", 'sum by (instance) (jvm_memory_used_bytes{job="JOB",area="heap"})')),
        Panel("CPU, in cores", "short", by("instance", 'rate(process_cpu_seconds_total{job="JOB"}[2m])')),
        Panel(
            "Time in garbage collection",
            "percentunit",
            by("instance", 'sum by (instance) (rate(jvm_gc_collection_seconds_sum{job="JOB"}[2m]))'),
        ),
    ],
)


def jvm(job: str) -> tuple[str, list[Panel]]:
    title, panels = JVM
    told = [{name: expr.replace("JOB", job) for name, expr in panel.queries.items()} for panel in panels]
    return title, [Panel(panel.title, panel.unit, queries) for panel, queries in zip(panels, told, strict=True)]


KAFKA = Board(
    "loggy-kafka",
    "Loggy: Kafka",
    "The brokers: what they take, whether all replicas are there, and how long requests take.",
    [
        (
            "At a glance",
            [
                number("Brokers that answer", "short", 'sum(up{job="kafka"})'),
                number("Partitions without a leader", "short", "max(kafka_controller_offline_partitions)"),
                number("Partitions that lack a replica", "short", "sum(kafka_server_under_replicated_partitions)"),
                number("Controllers", "short", "sum(kafka_controller_active_controllers)", "One, always."),
            ],
        ),
        (
            "Traffic",
            [
                Panel("Messages in", "suffix: records/s", by("instance", "rate(kafka_server_messages_in_total[2m])")),
                Panel(
                    "Bytes",
                    "Bps",
                    {
                        "in, {{instance}}": "rate(kafka_server_bytes_in_total[2m])",
                        "out, {{instance}}": "rate(kafka_server_bytes_out_total[2m])",
                    },
                ),
            ],
        ),
        (
            "Requests",
            [
                Panel(
                    "99 of 100 take less than", "s", by("request", "max by (request) (kafka_network_request_seconds)")
                ),
                Panel(
                    "Idle request handlers", "percentunit", by("instance", "kafka_server_request_handler_idle_ratio")
                ),
                Panel(
                    "Failed produce requests",
                    "reqps",
                    by("instance", "rate(kafka_server_failed_produce_requests_total[2m])"),
                ),
            ],
        ),
        jvm("kafka"),
    ],
)

SOURCE = "loggy_forward_source"
SINK = "loggy_elasticsearch_sink"

CONNECT = Board(
    "loggy-connect",
    "Loggy: Connect and connectors",
    "The workers, their connectors and tasks, and the numbers of the forward source and the Elasticsearch sink.",
    [
        (
            "At a glance",
            [
                number("Workers that answer", "short", 'sum(up{job="connect"})'),
                number("Connectors", "short", "sum(kafka_connect_worker_connectors)"),
                number("Running tasks", "short", 'sum(kafka_connect_connector_tasks{state="running"})'),
                number("Failed tasks", "short", 'sum(kafka_connect_connector_tasks{state="failed"})'),
            ],
        ),
        (
            "Connectors",
            [
                Panel(
                    "Tasks",
                    "short",
                    by("connector,state", "sum by (connector, state) (kafka_connect_connector_tasks > 0)"),
                ),
                Panel(
                    "Failures and dead letters in ten minutes",
                    "short",
                    {
                        "failed, {{connector}}": increases("kafka_connect_task_record_failures_total", "connector"),
                        "dead letters, {{connector}}": increases("kafka_connect_task_dead_letters_total", "connector"),
                    },
                ),
            ],
        ),
        (
            "Forward source",
            [
                Panel("Logs", LOGS, by("connector", f"sum by (connector) (rate({SOURCE}_events_total[2m]))")),
                Panel(
                    "Acknowledged after",
                    "s",
                    by("connector,quantile", f"max by (connector, quantile) ({SOURCE}_ack_latency_seconds)"),
                ),
                Panel(
                    "Connections",
                    "short",
                    {
                        "open, {{connector}}": f"sum by (connector) ({SOURCE}_connections)",
                        "waiting, {{connector}}": f"sum by (connector) ({SOURCE}_connections_paused)",
                    },
                ),
                Panel("Refused in ten minutes", "short", by("reason", increases(f"{SOURCE}_rejected_total", "reason"))),
            ],
        ),
        (
            "Elasticsearch sink",
            [
                Panel(
                    "Documents",
                    LOGS,
                    {
                        "indexed, {{connector}}": f"sum by (connector) (rate({SINK}_documents_indexed_total[2m]))",
                        "sent again, {{connector}}": f"sum by (connector) (rate({SINK}_documents_retried_total[2m]))",
                        "refused, {{connector}}": f"sum by (connector) (rate({SINK}_documents_refused_total[2m]))",
                    },
                ),
                Panel(
                    "A request takes",
                    "s",
                    by(
                        "connector",
                        f"sum by (connector) (rate({SINK}_request_seconds_total[5m]))"
                        f" / sum by (connector) (rate({SINK}_requests_total[5m]))",
                    ),
                ),
                Panel("Waiting in the sink", "bytes", by("connector", f"sum by (connector) ({SINK}_buffer_bytes)")),
                Panel(
                    "Trying the same again for", "s", by("connector", f"max by (connector) ({SINK}_retrying_seconds)")
                ),
            ],
        ),
        jvm("connect"),
    ],
)

ELASTICSEARCH = Board(
    "loggy-elasticsearch",
    "Loggy: Elasticsearch",
    "Health, documents, disks and heap of the Elasticsearch that logs end in.",
    [
        (
            "At a glance",
            [
                number("Red", "short", 'max(elasticsearch_cluster_health_status{color="red"})', "1 when it is."),
                number("Shards not assigned", "short", "max(elasticsearch_cluster_health_unassigned_shards)"),
                number(
                    "Indices that take no writes",
                    "short",
                    "max(elasticsearch_indices_settings_stats_read_only_indices)",
                ),
                number(
                    "Disk that is free",
                    "percentunit",
                    "min(elasticsearch_filesystem_data_available_bytes / elasticsearch_filesystem_data_size_bytes)",
                ),
            ],
        ),
        (
            "Documents",
            [
                Panel("Indexed", LOGS, by("name", "rate(elasticsearch_indices_indexing_index_total[2m])")),
                Panel("Documents", "short", by("name", "elasticsearch_indices_docs")),
                Panel("Searches", "reqps", by("name", "rate(elasticsearch_indices_search_query_total[2m])")),
            ],
        ),
        (
            "The nodes",
            [
                Panel("Heap", "bytes", by("name", 'elasticsearch_jvm_memory_used_bytes{area="heap"}')),
                Panel("CPU", "percent", by("name", "elasticsearch_process_cpu_percent")),
                Panel(
                    "Free disk",
                    "percentunit",
                    by(
                        "name,mount",
                        "elasticsearch_filesystem_data_available_bytes / elasticsearch_filesystem_data_size_bytes",
                    ),
                ),
                Panel(
                    "Writes refused in ten minutes",
                    "short",
                    by("name", 'sum by (name) (increase(elasticsearch_thread_pool_rejected_count{type="write"}[10m]))'),
                ),
            ],
        ),
    ],
)

DASHBOARDS = (COMMUTE, KAFKA, CONNECT, ELASTICSEARCH)
