"""The metrics of a pipeline that works, which dashboards and alerts ask for, with values that a real one could have."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

Value = Callable[[int], float]


def rising(each: float) -> Value:
    return lambda number: number * each


def still(value: float) -> Value:
    return lambda _number: value


def wave(middle: float, height: float) -> Value:
    return lambda number: middle + height * math.sin(number / 9)


def _labelled(name: str, labels: str, values: Mapping[str, Value]) -> dict[str, Value]:
    return {f"{name}{{{labels.replace('?', one)}}}": value for one, value in values.items()}


_KAFKA = 'job="kafka",instance="127.0.0.1:9404"'
_CONNECT = 'job="connect",instance="127.0.0.1:9405"'
_SOURCE = f'connector="loggy-forward-source",task="0",{_CONNECT}'
_SINK = f'connector="loggy-elasticsearch-sink",task="0",{_CONNECT}'
_ELASTICSEARCH = 'job="elasticsearch",instance="127.0.0.1:9114",cluster="loggy",name="loggy"'
_CANARY = 'job="canary",instance="127.0.0.1:9480"'
_STOPS = ("sender", "topic", "index")

REASONS = ("malformed", "too_large", "too_deep", "unauthenticated", "tls", "timeout", "too_many_connections")


def _jvm(job: str) -> dict[str, Value]:
    return {
        f'jvm_memory_used_bytes{{area="heap",{job}}}': wave(3e8, 5e7),
        f"process_cpu_seconds_total{{{job}}}": rising(9),
        f'jvm_gc_collection_seconds_sum{{gc="PS Scavenge",{job}}}': rising(0.2),
        f"up{{{job}}}": still(1),
    }


def _kafka() -> dict[str, Value]:
    return {
        **_jvm(_KAFKA),
        f"kafka_server_messages_in_total{{{_KAFKA}}}": rising(6000),
        f"kafka_server_bytes_in_total{{{_KAFKA}}}": rising(1.5e6),
        f"kafka_server_bytes_out_total{{{_KAFKA}}}": rising(1.4e6),
        f"kafka_server_failed_produce_requests_total{{{_KAFKA}}}": still(0),
        f"kafka_server_under_replicated_partitions{{{_KAFKA}}}": still(0),
        f"kafka_controller_offline_partitions{{{_KAFKA}}}": still(0),
        f"kafka_controller_active_controllers{{{_KAFKA}}}": still(1),
        f"kafka_server_request_handler_idle_ratio{{{_KAFKA}}}": wave(0.9, 0.05),
        **_labelled(
            "kafka_network_request_seconds",
            f'request="?",quantile="0.99",{_KAFKA}',
            {"Produce": wave(0.012, 0.004), "FetchConsumer": wave(0.5, 0.01)},
        ),
    }


def _connect() -> dict[str, Value]:
    tasks = {"total": still(1), "running": still(1), "failed": still(0), "paused": still(0), "unassigned": still(0)}
    return {
        **_jvm(_CONNECT),
        f"kafka_connect_worker_connectors{{{_CONNECT}}}": still(2),
        f"kafka_connect_worker_tasks{{{_CONNECT}}}": still(2),
        **_labelled("kafka_connect_connector_tasks", f'connector="loggy-forward-source",state="?",{_CONNECT}', tasks),
        **_labelled(
            "kafka_connect_connector_tasks", f'connector="loggy-elasticsearch-sink",state="?",{_CONNECT}', tasks
        ),
        f'kafka_connect_connector_status{{connector="loggy-forward-source",status="running",{_CONNECT}}}': still(1),
        f"kafka_connect_source_records_written_total{{{_SOURCE}}}": rising(6000),
        f"kafka_connect_task_record_failures_total{{{_SINK}}}": still(0),
        f"kafka_connect_task_dead_letters_total{{{_SINK}}}": still(0),
        'kafka_consumergroup_lag{consumergroup="connect-loggy-elasticsearch-sink",topic="output_tag",partition="0",'
        'job="lag",instance="127.0.0.1:9308"}': wave(400, 300),
    }


def _source() -> dict[str, Value]:
    return {
        f"loggy_forward_source_events_total{{{_SOURCE}}}": rising(6000),
        f"loggy_forward_source_bytes_waiting{{{_SOURCE}}}": wave(2e6, 1e6),
        f"loggy_forward_source_connections{{{_SOURCE}}}": still(4),
        f"loggy_forward_source_connections_paused{{{_SOURCE}}}": still(0),
        **_labelled(
            "loggy_forward_source_ack_latency_seconds",
            f'quantile="?",{_SOURCE}',
            {"0.5": wave(0.01, 0.002), "0.95": wave(0.03, 0.01), "0.99": wave(0.06, 0.02)},
        ),
        **_labelled(
            "loggy_forward_source_rejected_total", f'reason="?",{_SOURCE}', {reason: still(0) for reason in REASONS}
        ),
    }


def _sink() -> dict[str, Value]:
    sink = "loggy_elasticsearch_sink_"
    return {
        f"{sink}documents_indexed_total{{{_SINK}}}": rising(5990),
        f"{sink}documents_refused_total{{{_SINK}}}": still(0),
        f"{sink}documents_retried_total{{{_SINK}}}": still(0),
        f"{sink}requests_total{{{_SINK}}}": rising(30),
        f"{sink}request_seconds_total{{{_SINK}}}": rising(2.4),
        f"{sink}buffer_bytes{{{_SINK}}}": wave(1e6, 5e5),
        f"{sink}retrying_seconds{{{_SINK}}}": still(0),
    }


def _elasticsearch() -> dict[str, Value]:
    name = "elasticsearch_"
    colours = {"green": still(0), "yellow": still(1), "red": still(0)}
    return {
        f"up{{{_ELASTICSEARCH}}}": still(1),
        **_labelled(f"{name}cluster_health_status", f'color="?",{_ELASTICSEARCH}', colours),
        f"{name}cluster_health_unassigned_shards{{{_ELASTICSEARCH}}}": still(1),
        f"{name}indices_settings_stats_read_only_indices{{{_ELASTICSEARCH}}}": still(0),
        f'{name}filesystem_data_available_bytes{{mount="/",path="/data",{_ELASTICSEARCH}}}': lambda at: 6e10 - at * 1e7,
        f'{name}filesystem_data_size_bytes{{mount="/",path="/data",{_ELASTICSEARCH}}}': still(1e11),
        f"{name}indices_indexing_index_total{{{_ELASTICSEARCH}}}": rising(5990),
        f"{name}indices_docs{{{_ELASTICSEARCH}}}": rising(5990),
        f"{name}indices_search_query_total{{{_ELASTICSEARCH}}}": rising(60),
        f'{name}jvm_memory_used_bytes{{area="heap",{_ELASTICSEARCH}}}': wave(3e8, 1e8),
        f"{name}process_cpu_percent{{{_ELASTICSEARCH}}}": wave(30, 10),
        f'{name}thread_pool_rejected_count{{type="write",{_ELASTICSEARCH}}}': still(0),
    }


def _canary() -> dict[str, Value]:
    series: dict[str, Value] = {
        f"loggy_canary_sent_total{{{_CANARY}}}": rising(6),
        f"loggy_canary_arrived_total{{{_CANARY}}}": rising(6),
    }
    for stop, latency in zip(_STOPS, (0.1, 0.5, 2.5), strict=True):
        at = f'stop="{stop}",{_CANARY}'
        series |= {f"loggy_canary_{name}_total{{{at}}}": still(0) for name in ("lost", "late", "duplicates")}
        series[f"loggy_canary_last_seen_timestamp_seconds{{{at}}}"] = still(4e9)
        for bound in ("0.1", "0.5", "1", "2.5", "5", "10", "+Inf"):
            fits = float(bound) >= latency
            series[f'loggy_canary_latency_seconds_bucket{{le="{bound}",{at}}}'] = rising(6 if fits else 2)
    return series


METRICS: dict[str, Value] = {**_kafka(), **_connect(), **_source(), **_sink(), **_elasticsearch(), **_canary()}
NAMES = {series.split("{")[0] for series in METRICS}
