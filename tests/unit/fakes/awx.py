# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWX's API in this process, in the shapes that AWX 24.6 answers with: as much of it as awx.awx's modules ask.

It keeps no more than objects by kind, and refuses what AWX refuses (awx_rules.py). It runs nothing.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.unit.fakes.awx_rules import answer_complaint, credential_type_complaint, rrule_complaint, survey_complaint

API = "/api/v2/"
SECRET = "$encrypted$"

# For each kind of object: its type, and its fields with what they are when they are not given (... must be given).
Fields = dict[str, Any]
_ASKED = ("inventory", "credential", "job_type", "diff_mode", "variables")
_ASKS = {f"ask_{name}_on_launch": False for name in _ASKED}
_TEMPLATE: Fields = {"name": ..., "description": "", "organization": None, "survey_enabled": False, **_ASKS}
KINDS: dict[str, tuple[str, Fields]] = {
    "organizations": ("organization", {"name": ...}),
    "credential_types": (
        "credential_type",
        {"name": ..., "description": "", "kind": ..., "inputs": {}, "injectors": {}, "managed": False},
    ),
    "credentials": (
        "credential",
        {"name": ..., "description": "", "organization": None, "credential_type": ..., "inputs": {}},
    ),
    "credential_input_sources": (
        "credential_input_source",
        {"target_credential": ..., "input_field_name": ..., "source_credential": ..., "metadata": {}},
    ),
    "labels": ("label", {"name": ..., "organization": ...}),
    "notification_templates": ("notification_template", {"name": ..., "organization": ...}),
    "execution_environments": (
        "execution_environment",
        {"name": ..., "image": ..., "organization": None, "pull": "", "managed": False},
    ),
    "projects": (
        "project",
        {"name": ..., "organization": None, "scm_type": "", "scm_url": "", "scm_branch": "", "scm_revision": "8f2c"}
        | {"credential": None, "default_environment": None}
        | {"scm_update_on_launch": False, "scm_update_cache_timeout": 0},
    ),
    "inventories": (
        "inventory",
        {"name": ..., "description": "", "organization": ..., "kind": "", "host_filter": None, "variables": ""},
    ),
    "inventory_sources": (
        "inventory_source",
        {"name": ..., "organization": None, "inventory": ..., "source": ..., "source_path": "", "source_vars": ""}
        | {"source_project": None, "overwrite": False, "overwrite_vars": False, "update_on_launch": False},
    ),
    "job_templates": (
        "job_template",
        {**_TEMPLATE, "project": ..., "playbook": ..., "inventory": None, "execution_environment": None},
    ),
    "workflow_job_templates": ("workflow_job_template", _TEMPLATE),
    "workflow_job_template_nodes": (
        "workflow_job_template_node",
        {"identifier": ..., "workflow_job_template": ..., "unified_job_template": None, "extra_data": {}},
    ),
    "workflow_approval_templates": ("workflow_approval_template", {"name": ..., "description": "", "timeout": 0}),
    "schedules": (
        "schedule",
        {"name": ..., "unified_job_template": ..., "rrule": ..., "extra_data": {}, "enabled": True},
    ),
}
_NOTIFIES = ("notification_templates_error", "notification_templates_approvals")
LINKS = {
    "job_templates": ("credentials", "labels", *_NOTIFIES[:1]),
    "workflow_job_templates": ("labels", *_NOTIFIES),
    "workflow_job_template_nodes": ("success_nodes", "failure_nodes", "always_nodes"),
}
RUNNABLE = ("projects", "inventory_sources", "job_templates", "workflow_job_templates")


class Refused(Exception):
    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(body)
        self.status = status
        self.body = body


@dataclass
class FakeAwx:
    """
    :param project: the folder that its projects' files are in, where it looks for playbooks and inventories.
    :ivar objects: all of a kind by their ids, with their fields alone.
    :ivar links: for (kind, id, association) the ids.
    :ivar writes: "METHOD path" of each request that changes something, in order.
    """

    project: Path
    token: str = "a-token"
    url: str = ""
    objects: dict[str, dict[int, Fields]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    links: dict[tuple[str, int, str], list[int]] = field(default_factory=dict)
    surveys: dict[int, Fields] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def named(self, kind: str, name: str) -> tuple[int, Fields]:
        return next((key, one) for key, one in self.objects[kind].items() if name in (one["name"],))

    def create(self, kind: str, given: Fields) -> Fields:
        _type, fields = KINDS[kind]
        missing = [name for name, default in fields.items() if default is ... and given.get(name) in (None, "")]
        if missing:
            raise Refused(400, {name: ["This field is required."] for name in missing})
        new = {name: given.get(name, default) for name, default in fields.items()}
        if kind == "inventory_sources":
            new["organization"] = self.objects["inventories"][new["inventory"]]["organization"]
        same = [one for one in self.objects[kind].values() if self._key(kind, one) == self._key(kind, new)]
        if same:
            raise Refused(400, {"__all__": [f"{kind} with this name and organization already exists."]})
        self._check(kind, new)
        number = next(self._ids)
        self.objects[kind][number] = new
        return self.shown(kind, number)

    def update(self, kind: str, number: int, given: Fields) -> Fields:
        old = self.objects[kind][number]
        new = old | {name: value for name, value in given.items() if name in old}
        self._check(kind, new)
        if kind == "credentials":
            new["inputs"] = {
                key: old["inputs"].get(key) if value == SECRET else value for key, value in new["inputs"].items()
            }
        self.objects[kind][number] = new
        return self.shown(kind, number)

    @staticmethod
    def _key(kind: str, one: Fields) -> tuple[Any, ...]:
        unique = {
            "workflow_job_template_nodes": ("workflow_job_template", "identifier"),
            "inventory_sources": ("inventory", "name"),
            "workflow_approval_templates": ("name",),
            "credential_input_sources": ("target_credential", "input_field_name"),
        }
        return tuple(one.get(name) for name in unique.get(kind, ("organization", "name")))

    def _check(self, kind: str, new: Fields) -> None:
        complaints = {
            "credential_types": lambda: {"injectors": credential_type_complaint(new)},
            "job_templates": lambda: {"playbook": self._lacks(new["playbook"])},
            "inventory_sources": lambda: {"source_path": self._lacks(new["source_path"])},
            "schedules": lambda: {"rrule": rrule_complaint(new["rrule"]), "extra_data": self._answers(new)},
        }.get(kind, dict)()
        if any(complaints.values()):
            raise Refused(400, {name: [text] for name, text in complaints.items() if text})

    def _lacks(self, path: str) -> str:
        return "" if (self.project / path).is_file() else f"{path} not found for project."

    def _answers(self, schedule: Fields) -> str:
        questions = {
            question["variable"]: question
            for question in self.surveys.get(schedule["unified_job_template"], {}).get("spec", [])
        }
        answers = schedule["extra_data"]
        missing = [name for name, question in questions.items() if question["required"] and name not in answers]
        complaints = [answer_complaint(questions[name], answers[name]) for name in answers if name in questions]
        return "; ".join([f"'{name}' value missing" for name in missing] + [one for one in complaints if one])

    def shown(self, kind: str, number: int) -> Fields:
        kind_of, one = KINDS[kind][0], self.objects[kind][number]
        url = f"{API}{kind}/{number}/"
        related = {"survey_spec": f"{url}survey_spec/", "copy": f"{url}copy/"}
        if kind == "workflow_job_template_nodes" and one["unified_job_template"]:
            target = one["unified_job_template"]
            of = next(kind for kind, all_of in self.objects.items() if target in all_of)
            related["unified_job_template"] = f"{API}{of}/{target}/"
        shown = {"id": number, "type": kind_of, "url": url, "related": related, "summary_fields": {}, **one}
        if kind == "credentials":
            fields = self.objects["credential_types"][one["credential_type"]]["inputs"]["fields"]
            secret = {name["id"] for name in fields if name.get("secret")}
            shown["inputs"] = {key: SECRET if key in secret else value for key, value in one["inputs"].items()}
        return shown

    def answer(self, method: str, path: str, query: dict[str, str], body: Fields) -> tuple[int, Any]:
        parts = path.removeprefix(API).strip("/").split("/")
        if method != "GET":
            self.writes.append(f"{method} {path}")
        kinds = RUNNABLE if parts[0] == "unified_job_templates" else (parts[0],)
        if any(kind not in KINDS for kind in kinds):
            raise Refused(404, {"detail": "Not found."})
        if len(parts) == 1:
            return (201, self.create(parts[0], body)) if method == "POST" else (200, self._listed(kinds, query))
        kind, number = parts[0], int(parts[1])
        if number not in self.objects[kind]:
            raise Refused(404, {"detail": "Not found."})
        if len(parts) == 2:
            return 200, self.update(kind, number, body) if method == "PATCH" else self.shown(kind, number)
        return self._below(method, kind, number, parts[2], body)

    def _listed(self, kinds: tuple[str, ...], query: dict[str, str]) -> Fields:
        found = [self.shown(kind, number) for kind in kinds for number in self.objects[kind]]
        for name, value in query.items():
            if any(name not in one for one in found):
                raise Refused(400, {"detail": f"{kinds[0]} has no field named '{name}'"})
            found = [one for one in found if str(one[name]) == value]
        return {"count": len(found), "next": None, "previous": None, "results": found}

    def _below(self, method: str, kind: str, number: int, what: str, body: Fields) -> tuple[int, Any]:
        if what == "survey_spec":
            if method == "POST":
                complaint = survey_complaint(body)
                if complaint:
                    raise Refused(400, {"error": complaint})
                self.surveys[number] = body
            return 200, self.surveys.get(number, {})
        if what == "create_approval_template":
            made = self.create("workflow_approval_templates", body)
            self.objects[kind][number]["unified_job_template"] = made["id"]
            return 201, made
        if what not in LINKS.get(kind, ()):
            raise Refused(404, {"detail": "Not found."})
        linked = self.links.setdefault((kind, number, what), [])
        if method == "POST":
            linked.remove(body["id"]) if body.get("disassociate") else linked.append(body["id"])
            return 204, None
        of = kind if what.endswith("_nodes") else "notification_templates" if what in _NOTIFIES else what
        shown = [self.shown(of, one) for one in linked]
        return 200, {"count": len(shown), "next": None, "previous": None, "results": shown}


@contextmanager
def fake_awx(awx: FakeAwx) -> Iterator[FakeAwx]:
    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            split = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(split.query).items()}
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "{}")
            try:
                if self.headers.get("Authorization") != f"Bearer {awx.token}":
                    raise Refused(401, {"detail": "Authentication credentials were not provided."})
                status, answer = awx.answer(self.command, split.path, query, body)
            except Refused as refused:
                status, answer = refused.status, refused.body
            content = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("X-API-Product-Name", "AWX")
            self.send_header("X-API-Product-Version", "24.6.1")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = handle_any

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    awx.url = f"http://127.0.0.1:{server.server_port}"
    awx.create("organizations", {"name": "Default"})
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield awx
    finally:
        server.shutdown()
        server.server_close()
