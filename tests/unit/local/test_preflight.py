# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""local_preflight against this machine: real sockets, real processes, and JDKs made of two files."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput
from ansible_collections.loggy.pipeline.plugins.module_utils.local.machine import writable_problem
from ansible_collections.loggy.pipeline.plugins.module_utils.local.preflight import OPERATION

from tests.unit.run_operation import run_operation

LISTENS = (
    "import socket,sys; s=socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True);"
    "sys.stdin.read()"
)


def check(**options: Any) -> dict[str, Any]:
    return run_operation(OPERATION, **options)


def problems(**options: Any) -> list[str]:
    with pytest.raises(InvalidInput) as failed:
        check(**options)
    found: list[str] = failed.value.details["problems"]
    count = "1 problem" if len(found) == 1 else f"{len(found)} problems"
    lines = [f"This machine has {count}; nothing was started or changed.", *(f"- {line}" for line in found)]
    assert str(failed.value).splitlines() == lines
    return found


def kafka(port: int, address: str = "127.0.0.1") -> list[dict[str, Any]]:
    return [{"name": "Kafka", "address": address, "port": port}]


@pytest.fixture
def held_port() -> Iterator[int]:
    """Held by this very process."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def child() -> Iterator[tuple[int, int]]:
    """Process id and port of a process below this one."""
    with subprocess.Popen([sys.executable, "-c", LISTENS], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield process.pid, int(process.stdout.readline())
        process.terminate()


def make_jdk(path: Path, version: str, compiler: bool = True, released: bool = True) -> str:
    (path / "bin").mkdir(parents=True)
    if released:
        (path / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    (path / "bin/java").write_text(
        f"#!/bin/sh\nprintf '    java.home = {path}\\n    java.version = {version}\\n' >&2\n"
        if not released
        else "#!/bin/sh\n"
    )
    (path / "bin/java").chmod(0o755)
    if compiler:
        shutil.copy(path / "bin/java", path / "bin/javac")
    return str(path)


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "localhost"])
def test_a_taken_port_names_the_process_that_holds_it(held_port: int, address: str, tmp_path: Path) -> None:
    shown = socket.gethostbyname(address)
    holder = f"{psutil.Process().name()} (pid {os.getpid()}, user {getpass.getuser()})"
    assert problems(listeners=kafka(held_port, address), supervisor_pid_file=str(tmp_path / "none")) == [
        f"port {held_port} on {shown} (Kafka) is taken by {holder}"
    ]


def test_a_dual_stack_socket_as_java_opens_it_holds_the_ipv4_port_too() -> None:
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        [problem] = problems(listeners=kafka(server.getsockname()[1]))
    assert f"(pid {os.getpid()}, user" in problem


def test_a_port_that_is_bound_and_not_listened_on_is_taken_too() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        [problem] = problems(listeners=kafka(port))
    assert problem.startswith(f"port {port} on 127.0.0.1 (Kafka) is taken by a process that this user may not see: ")


def test_a_free_port_is_still_free_afterwards(held_port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    for _ in range(2):
        assert check(listeners=kafka(port))["listeners"] == [
            {"name": "Kafka", "address": "127.0.0.1", "port": port, "state": "free", "pid": None}
        ]


def test_a_port_below_our_supervisor_is_ours(child: tuple[int, int], tmp_path: Path) -> None:
    pid, port = child
    (tmp_path / "pid").write_text(f"{os.getpid()}\n")
    result = check(listeners=kafka(port), supervisor_pid_file=str(tmp_path / "pid"))
    assert [(item["state"], item["pid"]) for item in result["listeners"]] == [("ours", pid)]
    assert not result["changed"]


@pytest.mark.parametrize("content", ["", "nonsense", "999999999", "the child itself is no supervisor of its parent"])
def test_a_stale_pid_file_makes_nothing_ours(
    held_port: int, child: tuple[int, int], tmp_path: Path, content: str
) -> None:
    (tmp_path / "pid").write_text(str(child[0]) if "child" in content else content)
    [problem] = problems(listeners=kafka(held_port), supervisor_pid_file=str(tmp_path / "pid"))
    assert f"(pid {os.getpid()}, user" in problem


def test_an_address_that_is_not_of_this_machine_is_told() -> None:
    assert problems(listeners=kafka(9092, "192.0.2.1")) == [
        "port 9092 on 192.0.2.1 (Kafka) can't be used: Cannot assign requested address"
    ]
    assert problems(listeners=kafka(9092, "no-such-host.invalid")) == [
        "the address no-such-host.invalid (Kafka) is unknown to this machine"
    ]


def test_a_port_number_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="The port of Kafka is 65536, which is not between 1 and 65535"):
        check(listeners=kafka(65536))


def test_too_little_disk_is_told_for_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    path = str(tmp_path / "not/there/yet")
    [problem] = problems(disk=[{"path": path, "minimum_mib": 10**9}, {"path": path, "minimum_mib": 1}])
    left = shutil.disk_usage(tmp_path).free // 2**20
    assert problem.startswith(f"{path} has ")
    assert problem.endswith(" MiB of disk left, and 1000000000 MiB are needed")
    assert abs(int(problem.split()[2]) - left) < 2048


def test_too_little_memory_is_told() -> None:
    [problem] = problems(memory_mib=10**9)
    assert problem.endswith(" MiB of memory are available, and 1000000000 MiB are needed")
    assert check(memory_mib=1)["changed"] is False


def test_the_jdk_that_is_named_is_the_only_one(tmp_path: Path) -> None:
    old = make_jdk(tmp_path / "old", "11.0.2")
    good = make_jdk(tmp_path / "good", "21.0.1")
    assert problems(java={"java_home": old})[0].startswith(
        f"there is no JDK 17 or newer (looked at java_home {old}; {old} is 11.0.2): install one"
    )
    result = check(java={"executable": f"{good}/bin/java"})
    assert (result["java_home"], result["java_version"]) == (good, "21.0.1")


def test_no_jdk_at_all_is_told(tmp_path: Path) -> None:
    [problem] = problems(java={"java_home": str(tmp_path)})
    assert problem == (
        f"there is no JDK 17 or newer (looked at java_home {tmp_path}; found none): install one "
        "(apt install openjdk-17-jdk-headless, dnf install java-17-openjdk-devel), or set java_home"
    )


def test_a_runtime_without_a_compiler_is_no_jdk(tmp_path: Path) -> None:
    home = make_jdk(tmp_path / "jre", "21.0.1", compiler=False)
    assert f"{home} is 21.0.1 without a compiler" in problems(java={"java_home": home})[0]


def test_java_home_comes_before_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_path = make_jdk(tmp_path / "on-path", "17.0.1")
    monkeypatch.setenv("PATH", f"{on_path}/bin")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert check(java={})["java_home"] == on_path
    home = make_jdk(tmp_path / "home", "21")
    monkeypatch.setenv("JAVA_HOME", home)
    assert check(java={})["java_home"] == home
    assert check(java={"minimum": 11})["java_home"] == home


def test_a_version_managers_script_is_asked_where_its_jdk_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = make_jdk(tmp_path / "real", "21.0.1", released=False)
    (tmp_path / "shims").mkdir()
    (tmp_path / "shims/java").write_text(f'#!/bin/sh\nexec {real}/bin/java "$@"\n')
    (tmp_path / "shims/java").chmod(0o755)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}/shims", prepend=os.pathsep)
    result = check(java={})
    assert (result["java_home"], result["java_version"]) == (real, "21.0.1")


def test_commands_are_found_or_named_with_their_package() -> None:
    assert check(commands=[{"name": "sh"}])["commands"] == {"sh": shutil.which("sh")}
    assert problems(commands=[{"name": "no-such-mvn", "package": "maven"}]) == [
        "there is no command no-such-mvn: install the package maven"
    ]


def test_folders_must_be_writable_or_possible_to_make(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert check(writable=[str(tmp_path), str(tmp_path / "not/there/yet")])["changed"] is False
    assert problems(writable=[str(tmp_path / "file/x")]) == [
        f"{tmp_path}/file/x can't be a folder: {tmp_path}/file is a file"
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can try what another user may do")
def test_a_folder_of_somebody_else_is_told(tmp_path: Path) -> None:
    """Asked in a child process, which gives up root for good."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.setgid(65534)
        os.setuid(65534)
        os.write(writing, "\n".join([writable_problem("/root/x/y"), writable_problem("/usr/x")]).encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as told:
        found = told.read().splitlines()
    assert [line.split(": user ")[0] for line in found] == ["/root/x/y can't be written", "/usr/x can't be written"]
    assert [line.split(" may not ")[1] for line in found] == ["write to /root", "write to /usr"]


def test_all_problems_are_told_at_once(held_port: int, tmp_path: Path) -> None:
    twice = [*kafka(held_port), {"name": "Connect", "address": "127.0.0.1", "port": held_port}]
    found = problems(
        listeners=twice,
        disk=[{"path": str(tmp_path), "minimum_mib": 10**9}],
        memory_mib=10**9,
        java={"java_home": str(tmp_path)},
        commands=[{"name": "no-such-mvn"}],
        writable=["/etc/passwd/x"],
    )
    assert len(found) == 8
    assert found[2] == f"port {held_port} is declared for Kafka and for Connect"
