# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that are refused before anything is sent, and a list that is."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.loggy.pipeline.plugins.module_utils.connect import connectors
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput

from tests.unit.fakes.connect import fake_connect
from tests.unit.run_operation import run_operation

CONFIG = {"connector.class": "FileStreamSource", "topic": "t"}


def apply(urls: list[str], *wanted: dict[str, Any], **params: Any) -> Any:
    return run_operation(connectors.OPERATION, urls=urls, connectors=list(wanted), **params)


@pytest.mark.parametrize(
    "url", ["connect:8083", "ftp://connect", "http://", "http://connect:port", "http://c:99999", ""]
)
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match=r"is no URL of a worker\. Write it like http://connect:8083"):
        apply([url])


def test_a_password_in_a_url_is_refused_without_showing_it() -> None:
    with pytest.raises(InvalidInput, match="the URL of connect holds a user or a password") as caught:
        apply(["http://me:hush@connect:8083"])
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("option", ["ca_path", "client_cert"])
def test_a_file_that_is_not_there_is_refused(option: str) -> None:
    with pytest.raises(InvalidInput, match=f"{option}: there is no /no/such/file.pem on the host that runs this task"):
        apply(["https://connect:8083"], **{option: "/no/such/file.pem"})


def test_no_url_and_no_time_are_refused() -> None:
    with pytest.raises(InvalidInput, match="urls is empty"):
        apply([])
    with pytest.raises(InvalidInput, match="timeout is 0"):
        apply(["http://connect:8083"], timeout=0)


@pytest.mark.parametrize("name", ["", " a", "a ", "a\nb", "a\tb"])
def test_a_name_that_connect_would_change_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="is no name for a connector"):
        apply(["http://connect:8083"], {"name": name, "state": "absent"})


def test_a_name_twice_is_refused() -> None:
    with pytest.raises(InvalidInput, match="connectors: a is listed twice"):
        apply(["http://connect:8083"], {"name": "a"}, {"name": "a", "state": "absent"})


def test_a_purge_of_everything_is_refused() -> None:
    with pytest.raises(InvalidInput, match="purge needs a purge_prefix that is not empty"):
        apply(["http://connect:8083"], purge=True, purge_prefix="")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"purge": True}, "purge is True but all of the following are missing: purge_prefix"),
        ({"username": "me"}, "parameters are required together: username, password"),
        ({"client_key": "/k"}, "missing parameter.* required by 'client_key': client_cert"),
        ({"connectors": [{"name": "a", "state": "happy"}]}, "value of state must be one of: running, paused"),
        ({"connectors": [{"name": "a", "confg": {}}]}, "confg.*Supported parameters include: config, name, state"),
    ],
)
def test_options_that_do_not_fit_are_refused_by_their_specification(params: dict[str, Any], message: str) -> None:
    operation = connectors.OPERATION
    given = {"urls": ["http://connect:8083"], "connectors": [], **params}
    validation = ArgumentSpecValidator(dict(operation.argument_spec), **operation.rules).validate(given)
    with pytest.raises(AssertionError, match=message):
        assert not validation.error_messages, "; ".join(validation.error_messages)


def test_a_connector_without_a_config_must_exist() -> None:
    with (
        fake_connect() as worker,
        pytest.raises(InvalidInput, match="a does not exist, and it has no config to create"),
    ):
        apply([worker.url], {"name": "a"})


def test_a_purge_needs_no_listed_connector() -> None:
    with fake_connect() as worker:
        worker.add("logs-a", CONFIG)
        worker.add("other", CONFIG)
        purged = apply([worker.url], purge=True, purge_prefix="logs-")
        assert [(one["name"], one["changes"]) for one in purged["connectors"]] == [("logs-a", ["deleted"])]
        assert list(worker.connectors) == ["other"]


def test_a_dead_connector_class_can_still_be_deleted() -> None:
    with fake_connect() as worker:
        worker.add("a", CONFIG)
        worker.plugins = ()
        assert apply([worker.url], {"name": "a", "state": "absent"})["changed"]
