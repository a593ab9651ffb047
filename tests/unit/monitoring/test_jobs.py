"""Who is asked for numbers on one machine: Fluentd and the canary where they run, and nobody where they do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
ALWAYS = {"kafka": "127.0.0.1:9404", "connect": "127.0.0.1:9405", "elasticsearch": "127.0.0.1:9114"}
CANARY = {"canary": "127.0.0.1:9480"}
FLUENTD = {"fluentd": "127.0.0.1:24231"}


def rendered(path: str, **given: Any) -> str:
    """As the role writes it with all roles' defaults, and with these values."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, keep_trailing_newline=True)
    environment.filters["bool"] = lambda value: str(value).lower() in {"true", "yes", "1"}
    defaults: dict[str, Any] = {"ansible_managed": "managed", "_fluentd_dir": "/f", "_fluentd_seen": "/f/seen/loggy"}
    for role in ("loggy", "monitoring", "canary", "fluentd"):
        defaults |= yaml.safe_load((ROOT / "roles" / role / "defaults" / "main.yml").read_text(encoding="utf-8"))
    text = (ROOT / "roles" / path).read_text(encoding="utf-8")
    # They depend on the platform.
    defaults |= {"loggy_listen_address": "127.0.0.1", "canary_listen_address": "127.0.0.1"}
    return environment.from_string(text).render({**defaults, **given})


def targets(**given: Any) -> dict[str, str]:
    jobs = yaml.safe_load(rendered("monitoring/templates/jobs.yml.j2", **given))
    return {job["job_name"]: job["static_configs"][0]["targets"][0] for job in jobs}


@pytest.mark.parametrize(
    ("canary", "deployed", "port", "others"),
    [
        (True, False, 0, CANARY),
        ("true", "false", "24231", CANARY),
        (False, True, 0, {}),
        (False, True, 24231, FLUENTD),
        ("true", "true", "24231", {**CANARY, **FLUENTD}),
    ],
)
def test_who_runs_is_asked(canary: Any, deployed: Any, port: Any, others: dict[str, str]) -> None:
    given = {"canary_enabled": canary, "fluentd_deployed": deployed, "fluentd_metrics_port": port}
    assert targets(**given) == {**ALWAYS, **others}


def test_what_has_an_index_in_its_labels_is_dropped() -> None:
    jobs = yaml.safe_load(rendered("monitoring/templates/jobs.yml.j2", canary_enabled=False, fluentd_deployed=False))
    (elasticsearch,) = [job for job in jobs if job["job_name"] == "elasticsearch"]
    assert elasticsearch["metric_relabel_configs"] == [{"source_labels": ["index"], "regex": ".+", "action": "drop"}]


@pytest.mark.parametrize("port", [24231, "24231"])
def test_fluentd_shows_its_numbers_on_the_port_that_is_asked(port: Any) -> None:
    text = rendered("fluentd/templates/fluent.conf.j2", fluentd_metrics_port=port, fluentd_configuration="")
    assert "  @type prometheus\n  bind 127.0.0.1\n  port 24231\n" in text
    assert "@type prometheus_output_monitor" in text


@pytest.mark.parametrize("port", [0, "0"])
def test_fluentd_needs_no_plug_in_as_long_as_nobody_asks(port: Any) -> None:
    text = rendered("fluentd/templates/fluent.conf.j2", fluentd_metrics_port=port, fluentd_configuration="")
    assert "prometheus" not in text
