# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks as AWX runs them: ansible-runner on a read-only checkout, AWX's own collections path, no terminal.

A job's artifacts are the variables of the next one, as in a workflow.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline import ROOT, Pipeline

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(os.geteuid() != 0, reason="a read-only mount and another user take root"),
]

# As in an execution environment: a user of its own, whom /etc/passwd knows.
RUNNER = 1000
# In a mount namespace of its own, which is AWX's container here: the project can't be written to, and who is not root
# sees nothing of root's home but the Python that tests may run on.
CONTAINER = """
set -euo pipefail
checkout=$1 project=$2 stage=$3 user=$4 home=$5 pythons=$6
shift 6
mount --bind "$checkout" "$project"
mount -o remount,bind,ro "$project"
if [[ $user != 0 ]]; then
  mount --bind "$stage/passwd" /etc/passwd
  for python in $pythons; do
    [[ $python == "$home"/* ]] || continue
    mkdir -p "$stage$python"
    mount --bind "$python" "$stage$python"
  done
  mount -t tmpfs -o mode=0755 none "$home"
  for python in $pythons; do
    [[ $python == "$home"/* ]] || continue
    mkdir -p "$python"
    mount --bind "$stage$python" "$python"
  done
fi
exec setpriv --reuid="$user" --regid="$user" --clear-groups "$@"
"""


@dataclass
class Job:
    status: str
    output: str
    changed: int
    artifacts: dict[str, Any]


def run_job(folder: Path, pipeline: Pipeline, playbook: str, *, user: int, **variables: Any) -> Job:
    """:param folder: of the job alone."""
    for name in ("project", "inventory", "env", "home", "stage"):
        (folder / name).mkdir(parents=True)
    shutil.copytree(ROOT / "inventories" / "local", folder / "inventory", dirs_exist_ok=True)
    apart = {"loggy_state_dir": str(pipeline.state_dir), "loggy_service_user": f"loggy-test-{os.getpid()}"}
    everything = {**apart, **pipeline.ports, **pipeline.variables, **variables}
    (folder / "env" / "extravars").write_text(json.dumps(everything))
    # AWX names the folder of what collections/requirements.yml wants, then the usual ones, and not the project's.
    paths = f"{folder}/requirements_collections:~/.ansible/collections:/usr/share/ansible/collections"
    (folder / "env" / "envvars").write_text(json.dumps({"ANSIBLE_COLLECTIONS_PATH": paths}))
    (folder / "stage" / "passwd").write_text(f"runner:x:{user}:{user}::{folder}/home:/bin/bash\n")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, user)
    runner = Path(sys.executable).with_name("ansible-runner")
    command = ["unshare", "--mount", "--propagation", "private", "bash", "-c", CONTAINER, "bash"]
    command += [
        ROOT,
        folder / "project",
        folder / "stage",
        str(user),
        str(Path.home()),
        f"{sys.base_prefix} {sys.prefix}",
    ]
    done = subprocess.run(
        [*command, runner, "run", folder, "--playbook", playbook, "--ident", "job"],
        env={
            "PATH": f"{runner.parent}:{os.environ['PATH']}",
            "HOME": os.environ["HOME"] if not user else folder / "home",
        },
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    left = folder / "artifacts" / "job"
    assert (left / "status").exists(), done.stdout
    events = [json.loads(path.read_text()) for path in (left / "job_events").glob("*.json")]
    stats = next((one["event_data"] for one in events if one["event"] == "playbook_on_stats"), {})
    changed = sum(stats.get("changed", {}).values())
    return Job((left / "status").read_text(), done.stdout, changed, stats.get("artifact_data", {}))


@contextmanager
def listener() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A URL that takes notifications, and what it took."""
    taken: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", taken
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def jobs(pipeline: Pipeline) -> Iterator[Path]:
    folder = pipeline.state_dir.parent / "jobs"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


def test_a_workflow_builds_verifies_and_notifies(built: Pipeline, jobs: Path) -> None:
    site = run_job(jobs / "site", built, "site.yml", user=0)
    assert (site.status, site.changed) == ("successful", 0), site.output
    assert site.artifacts["loggy_connect_urls"] == [built.connect_url]
    reports = jobs / "verify" / "reports"
    verify = run_job(
        jobs / "verify", built, "verify-loggy.yml", user=RUNNER, loggy_report_dir=str(reports), **site.artifacts
    )
    assert verify.status == "successful", verify.output
    assert json.loads((reports / "commute.json").read_text())["run"] == verify.artifacts["loggy_verification"]["run"]
    with listener() as (url, taken):
        notify = run_job(jobs / "notify", built, "notify.yml", user=RUNNER, loggy_notify_url=url, **verify.artifacts)
    assert notify.status == "successful", notify.output
    assert taken[0]["arrived"] is True
    assert taken[0]["text"] == verify.artifacts["loggy_verification"]["line"]


def test_a_verification_that_fails_hands_on_why(built: Pipeline, jobs: Path) -> None:
    reports = jobs / "reports"  # which is root's
    verify = run_job(jobs / "verify", built, "verify-loggy.yml", user=RUNNER, loggy_report_dir=str(reports))
    assert verify.status == "failed"
    assert str(reports) in verify.artifacts["loggy_verification"]["line"]
    assert verify.artifacts["loggy_verification"]["arrived"] is False
