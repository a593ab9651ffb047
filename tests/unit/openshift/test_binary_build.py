# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""openshift_binary_build against an API server that takes uploads: what is sent and noted, and what it fails with."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput, NotReady, PipelineError
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes import watched
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes.client import UnknownKind
from ansible_collections.loggy.pipeline.plugins.module_utils.openshift import binary_build
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import Context, Result

from tests.unit.fakes.api_server import api_server
from tests.unit.kubernetes.conftest import expect_nothing_left
from tests.unit.kubernetes.fake_objects import NAMESPACE, Refused
from tests.unit.openshift.fake_builds import REPOSITORY, BuildServer, build_server, unpacked
from tests.unit.run_operation import validated

Run = Callable[..., Result]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[BuildServer]:
    monkeypatch.setattr(watched, "_PAUSES", (0.05, 0.05, 0.05))
    monkeypatch.setattr(binary_build, "_EXPLAIN_SECONDS", 0.5)
    with build_server() as fake:
        yield fake


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    sink = tmp_path / "build" / "plugins" / "sink"
    sink.mkdir(parents=True)
    (sink / "sink.jar").write_bytes(b"a jar")
    (sink / ".artifact_folder.json").write_text("{}")
    return tmp_path / "build"


@pytest.fixture
def run(fake: BuildServer, folder: Path) -> Iterator[Run]:
    def run(*, check_mode: bool = False, lines: list[str] | None = None, **params: Any) -> Result:
        options = {"namespace": NAMESPACE, "name": "plugins", "path": str(folder), "wait_timeout": 5.0}
        given = validated(binary_build.OPERATION, **{**options, **fake.connection, **params})
        told = [] if lines is None else lines
        return binary_build.OPERATION.run(given, Context(check_mode=check_mode, progress=told.append))

    yield run
    expect_nothing_left(fake)


def image(number: int) -> str:
    return f"{REPOSITORY}@sha256:{f'plugins-{number}':0>64}"


def test_a_folder_becomes_an_image_by_digest_and_is_noted(fake: BuildServer, run: Run) -> None:
    lines: list[str] = []
    result = run(lines=lines)
    assert (result["changed"], result["image"], result["build"]) == (True, image(1), "plugins-1")
    assert unpacked(fake.uploads[0]) == {"plugins/sink/sink.jar": b"a jar"}
    assert fake.annotations() == {
        "loggy.pipeline/uploaded": result["digest"],
        "loggy.pipeline/image": result["image"],
    }
    assert "asFile" not in fake.queries[0]
    assert result["digest"] == f"sha256:{fake.queries[0]['revision.commit']}"
    assert any("are sent" in line for line in lines)


def test_the_same_is_not_built_again_whenever_and_wherever_it_was_laid_down(
    fake: BuildServer, run: Run, folder: Path
) -> None:
    first = run()
    os.utime(folder / "plugins/sink/sink.jar", (1, 1))
    (folder / "plugins/sink/.artifact_folder.json").write_text('{"of": "another run"}')
    again = run()
    assert (again["changed"], again["reason"], again["build"]) == (False, "", "")
    assert (again["image"], again["digest"]) == (first["image"], first["digest"])
    assert len(fake.uploads) == 1


def test_what_changed_is_built_again(fake: BuildServer, run: Run, folder: Path) -> None:
    run()
    (folder / "plugins/sink/sink.jar").write_bytes(b"another")
    assert run()["image"] == image(2)
    assert run(inputs=["FROM another"])["image"] == image(3)
    assert not run(inputs=["FROM another"])["changed"]
    fake.change("imagestreams", "plugins", {"status": {"tags": []}})
    gone = run(inputs=["FROM another"])
    assert (gone["image"], gone["reason"]) == (image(4), f"{image(3)} is gone from the ImageStream")


def test_check_mode_says_whether_it_would_build_and_sends_nothing(fake: BuildServer, run: Run, folder: Path) -> None:
    would = run(check_mode=True)
    assert (would["changed"], would["image"]) == (True, "known once it is built")
    assert fake.posts() == []
    done = run()
    assert run(check_mode=True)["changed"] is False
    assert run(check_mode=True)["image"] == done["image"]
    assert would["digest"] == done["digest"]
    (folder / "plugins/new.jar").write_bytes(b"new")
    assert run(check_mode=True)["reason"] == "what it is made of changed"
    assert run(check_mode=True, path="/no/such/folder")["changed"]
    assert run(check_mode=True, name="other")["changed"]


@pytest.mark.parametrize("name", ["tls.key", "CA.PEM", "store.p12", "trust.jks", "id_rsa", "id_ed25519.old"])
def test_a_private_key_is_refused_by_name_before_anything_is_asked(
    fake: BuildServer, run: Run, folder: Path, name: str
) -> None:
    (folder / "plugins/sink" / name).write_text("secret")
    with pytest.raises(InvalidInput, match=f"private key: plugins/sink/{name}. Nothing was sent") as caught:
        run()
    assert caught.value.details["files"] == [f"plugins/sink/{name}"]
    assert fake.asked == []


@pytest.mark.parametrize("phase", ["Failed", "Error", "Cancelled"])
def test_a_build_that_fails_is_told_at_once_with_its_log_and_not_noted(fake: BuildServer, run: Run, phase: str) -> None:
    fake.plays = lambda name: fake.fail(name, phase)
    start = time.monotonic()
    with pytest.raises(NotReady, match=r"Build plugins-1 .*: DockerBuildFailed: Docker build strategy has") as caught:
        run(wait_timeout=60)
    assert time.monotonic() - start < 2
    assert caught.value.details["log"] == [f"line {number}" for number in range(25, 40)]
    assert "log: line 39" in str(caught.value)
    assert fake.annotations() == {}
    fake.plays = fake.succeed
    assert run()["image"] == image(2)


def test_without_a_pod_the_build_itself_has_the_last_lines(fake: BuildServer, run: Run) -> None:
    told = {"phase": "Failed", "reason": "OutOfMemoryKilled", "logSnippet": "one\ntwo"}
    fake.plays = lambda name: fake.change("builds", name, {"status": told}) and None
    with pytest.raises(NotReady, match="OutOfMemoryKilled") as caught:
        run()
    assert caught.value.details["log"] == ["one", "two"]


def test_a_build_that_goes_on_and_on_is_told_with_what_it_was_at(fake: BuildServer, run: Run) -> None:
    fake.plays = lambda name: None
    with pytest.raises(NotReady, match=r"Waited 0\.3 s for Build plugins-1 .*its phase is Running"):
        run(wait_timeout=0.3)


def test_a_build_that_somebody_deletes_is_told(fake: BuildServer, run: Run) -> None:
    fake.plays = lambda name: fake.delete("builds", name) and None
    with pytest.raises(NotReady, match="plugins-1 in namespace apps is gone"):
        run()


@pytest.mark.parametrize("size", [10, 20_000_000])
def test_who_may_not_upload_is_told_what_he_may_not(fake: BuildServer, run: Run, folder: Path, size: int) -> None:
    (folder / "random").write_bytes(os.urandom(size))
    fake.refuses = Refused(403, "Forbidden", "cannot create resource buildconfigs/instantiatebinary")
    with pytest.raises(PipelineError, match=r"Uploading .* to BuildConfig plugins .*; no build began\.") as caught:
        run()
    # An answer that comes while a lot is still being sent may be lost with the connection.
    assert size > 1000 or "answered 403: cannot create resource" in str(caught.value)
    assert fake.annotations() == {}


def test_a_pod_that_never_ran_is_named_when_the_upload_gives_up(fake: BuildServer, run: Run) -> None:
    class Late(Refused):
        @property
        def code(self) -> int:
            fake.begin({"revision.commit": ""}, "Pending")
            waiting = {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}
            status = {"phase": "Pending", "containerStatuses": [{"name": "docker-build", "state": waiting}]}
            fake.put({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "plugins-1-build"}, "status": status})
            return 400

        @code.setter
        def code(self, value: int) -> None:
            pass

    fake.refuses = Late(400, "BadRequest", "unable to wait for build plugins-1 to run")
    with pytest.raises(PipelineError, match=r"unable to wait for build.*its phase is Pending.*ImagePullBackOff"):
        run()


def test_an_upload_that_breaks_off_is_told_in_the_words_of_the_build(fake: BuildServer, run: Run, folder: Path) -> None:
    (folder / "random").write_bytes(os.urandom(4_000_000))
    fake.takes = 300_000
    with pytest.raises(NotReady, match="DockerBuildFailed"):
        run()
    assert fake.annotations() == {}


def test_an_answer_that_is_lost_is_no_reason_to_build_twice(fake: BuildServer, run: Run) -> None:
    fake.loses = True
    result = run()
    assert (result["image"], result["build"], len(fake.uploads)) == (image(1), "plugins-1", 1)
    assert fake.annotations()["loggy.pipeline/uploaded"] == result["digest"]


def test_what_is_to_be_there_before_is_named(fake: BuildServer, run: Run) -> None:
    with pytest.raises(InvalidInput, match="There is no BuildConfig other in namespace apps"):
        run(name="other")
    fake.delete("imagestreams", "plugins")
    with pytest.raises(InvalidInput, match="There is no ImageStream plugins in namespace apps"):
        run()


def test_a_cluster_that_is_not_openshift_is_told_apart(folder: Path) -> None:
    with api_server() as plain:
        options = {"namespace": NAMESPACE, "name": "plugins", "path": str(folder), **plain.connection}
        given = validated(binary_build.OPERATION, **options)
        with pytest.raises(UnknownKind, match=r"serves no BuildConfig .*\. It builds on OpenShift only"):
            binary_build.OPERATION.run(given, Context())
        assert binary_build.OPERATION.run(given, Context(check_mode=True))["changed"]
