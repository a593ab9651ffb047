# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role awx declares, held against AWX's rules and against the collection's own variables and modules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.loggy.pipeline.plugins.module_utils.connect import options as connect
from ansible_collections.loggy.pipeline.plugins.module_utils.elasticsearch import options as elasticsearch
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka import options as kafka
from jinja2.nativetypes import NativeEnvironment

from tests.unit.fakes.awx_rules import (
    answer_complaint,
    credential_type_complaint,
    inject,
    rrule_complaint,
    survey_complaint,
)

ROOT = Path(__file__).resolve().parents[3]
ROLE = ROOT / "roles" / "awx"


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def filled(value: Any, variables: dict[str, Any]) -> Any:
    """With its templates filled in, as Ansible does."""
    if isinstance(value, dict):
        return {key: filled(inner, variables) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, variables) for inner in value]
    if not isinstance(value, str) or "{{" not in value:
        return value
    return filled(NativeEnvironment().from_string(value).render(variables), variables)


DEFAULTS = load(ROLE / "defaults" / "main.yml")
DATA = {name: filled(value, DEFAULTS) for name, value in DEFAULTS.items() if name != "awx_credential_types"}
CREDENTIAL_TYPES = load(ROLE / "files" / "credential_types.yml")
QUESTIONS = DATA["awx_survey_place"] + DATA["awx_survey_verify"]
OPTIONS: dict[str, Any] = {
    name: option
    for path in (ROOT / "roles").glob("*/meta/argument_specs.yml")
    for name, option in load(path)["argument_specs"]["main"]["options"].items()
}
SURVEY_TYPES = {"str": {"text", "multiplechoice"}, "int": {"integer"}, "float": {"float"}}
CONNECTIONS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "loggy_kafka_connection": ("bootstrap_servers", kafka.ARGUMENT_SPEC, {"required_if": kafka.REQUIRED_IF}),
    "loggy_connect_connection": ("urls", dict(connect.CONNECTION_SPEC), dict(connect.CONNECTION_RULES)),
    "loggy_elasticsearch_connection": ("urls", elasticsearch.ARGUMENT_SPEC, elasticsearch.RULES),
}


def filled_in(credential_type: dict[str, Any], *, all_fields: bool) -> dict[str, str]:
    required = credential_type["inputs"]["required"]
    return {
        field["id"]: field.get("choices", [f"the {field['id']}"])[0]
        for field in credential_type["inputs"]["fields"]
        if all_fields or field["id"] in required
    }


@pytest.mark.parametrize("credential_type", CREDENTIAL_TYPES, ids=lambda one: one["name"])
def test_awx_takes_a_credential_type(credential_type: dict[str, Any]) -> None:
    assert credential_type_complaint(credential_type) == ""


@pytest.mark.parametrize("all_fields", [True, False])
@pytest.mark.parametrize("credential_type", CREDENTIAL_TYPES, ids=lambda one: one["name"])
def test_a_credential_injects_what_the_collection_takes(
    credential_type: dict[str, Any], all_fields: bool, tmp_path: Path
) -> None:
    variables = inject(credential_type, filled_in(credential_type, all_fields=all_fields), tmp_path)
    assert set(variables) <= set(OPTIONS)
    for name, injected in variables.items():
        if name in CONNECTIONS:
            address, spec, rules = CONNECTIONS[name]
            result = ArgumentSpecValidator(spec, **rules).validate({address: ["kafka:9092"], **injected})
            assert result.error_messages == []
        files = {key: value for key, value in injected.items() if str(value).startswith(str(tmp_path))}
        for key, path in files.items():
            assert Path(path).read_text(encoding="utf-8"), f"{name}.{key} is an empty file"


def test_a_secret_is_a_secret_in_awx_too() -> None:
    secret = ("password", "api_key", "client_key", "kubeconfig")
    shown = [
        f"{one['name']}: {field['id']}"
        for one in CREDENTIAL_TYPES
        for field in one["inputs"]["fields"]
        if field["id"] in secret and not field.get("secret")
    ]
    assert shown == []


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one["variable"])
def test_a_survey_asks_for_a_variable_that_there_is(question: dict[str, Any]) -> None:
    option = OPTIONS[question["variable"]]
    assert question["type"] in SURVEY_TYPES[option["type"]]
    assert set(question.get("choices", [])) <= set(option.get("choices", question.get("choices", [])))


@pytest.mark.parametrize("template", DATA["awx_job_templates"] + DATA["awx_workflows"], ids=lambda one: one["name"])
def test_awx_takes_a_survey(template: dict[str, Any]) -> None:
    if template["survey"]:
        assert survey_complaint({"name": "", "description": "", "spec": template["survey"]}) == ""


def test_what_touches_the_pipeline_asks_where_it_is() -> None:
    asking = [one for one in DATA["awx_job_templates"] + DATA["awx_workflows"] if one["name"] != "Loggy: notify"]
    assert len(asking) == 5
    for template in asking:
        assert template["survey"][:2] == DATA["awx_survey_place"], template["name"]


def test_a_workflow_asks_all_that_its_nodes_ask() -> None:
    surveys = {one["name"]: one["survey"] for one in DATA["awx_job_templates"]}
    for workflow in DATA["awx_workflows"]:
        asked = [one["variable"] for one in workflow["survey"]]
        for node in workflow["nodes"]:
            assert {one["variable"] for one in surveys.get(node.get("template"), [])} <= set(asked)


@pytest.mark.parametrize("platform", OPTIONS["loggy_platform"]["choices"])
def test_each_platform_has_its_inventory_and_is_offered_first_where_it_is_chosen(platform: str) -> None:
    chosen = {**DEFAULTS, "awx_platform": platform}
    (inventory,) = [one for one in DATA["awx_inventories"] if one["name"] == filled(DEFAULTS["awx_inventory"], chosen)]
    variables = load((ROOT / inventory["source_path"]).parent / "group_vars" / "loggy.yml")
    assert variables["loggy_platform"] == platform
    assert filled(DEFAULTS["awx_survey_place"], chosen)[0]["default"] == platform


def test_a_schedule_answers_all_that_its_template_asks() -> None:
    for schedule in DATA["awx_schedules"]:
        assert rrule_complaint(schedule["rrule"]) == ""
        assert {question["variable"] for question in QUESTIONS} == set(schedule["extra_data"])
        assert [answer_complaint(one, schedule["extra_data"][one["variable"]]) for one in QUESTIONS] == [""] * len(
            QUESTIONS
        )


def test_a_job_template_runs_a_playbook_at_the_root_where_awx_finds_it() -> None:
    missing = [one["playbook"] for one in DATA["awx_job_templates"] if not (ROOT / one["playbook"]).is_file()]
    assert missing == []


def test_a_node_leads_to_nodes_of_its_workflow_and_runs_a_template_that_there_is() -> None:
    templates = {one["name"] for one in DATA["awx_job_templates"]}
    for workflow in DATA["awx_workflows"]:
        nodes = {one["identifier"] for one in workflow["nodes"]}
        for node in workflow["nodes"]:
            linked = {name for key, names in node.items() if key.endswith("_nodes") for name in names}
            assert linked <= nodes
            assert node.get("template") in templates or node["approval"]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"injectors": {"env": {"ANSIBLE_HOST_KEY_CHECKING": "x"}}}, "ANSIBLE_HOST_KEY_CHECKING"),
        ({"inputs": {"fields": [{"id": "user"}]}}, "label"),
        ({"inputs": {"fields": [], "required": ["user"]}}, "required"),
    ],
)
def test_the_rules_refuse_what_awx_refuses(change: dict[str, Any], complaint: str) -> None:
    assert complaint in credential_type_complaint({**CREDENTIAL_TYPES[0], **change})
