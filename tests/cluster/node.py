# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts and stops the one node, and loads images into it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import ssl
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from string import Template

from tests.cluster import binaries, components, credentials, dns, images, isolation, machine, paths, standard_images
from tests.cluster.commands import run, say
from tests.cluster.errors import ClusterError
from tests.cluster.processes import Processes

ADDRESS = isolation.NODE_ADDRESS
# Where pods reach what listens on this machine.
HOST_ADDRESS = isolation.HOST_ADDRESS

_CLIENTS = ("kubelet", "kube-proxy", "kube-scheduler", "kube-controller-manager", "kube-apiserver")
_API_TIMEOUT = 2.0


def kubeconfig() -> Path:
    """An administrator's."""
    return _given_kubeconfig() or paths.KUBECONFIG


def is_given() -> bool:
    """Whether the tests are to use a cluster that is somebody else's to start, and to load images into."""
    return _given_kubeconfig() is not None


def up() -> None:
    """Builds what is missing, and starts the node unless it runs; where a cluster is given, that one is left alone."""
    if is_given():
        if not kubeconfig().is_file():
            raise ClusterError(f"LOGGY_KUBECONFIG names {kubeconfig()}, which is no file")
        return
    with _locked():
        if is_running():
            say("The cluster is running already")
        else:
            _start()


def down() -> None:
    """Stops what `up` started, and removes what it made on the machine; what the cluster knows is kept."""
    with _locked():
        _stop()


def wipe() -> None:
    """The next `up` starts a new cluster. Programs and images stay built."""
    with _locked():
        _stop()
        shutil.rmtree(paths.STATE, ignore_errors=True)


def is_running() -> bool:
    processes = Processes.recorded()
    return processes is not None and processes.all_alive and _api_ready()


def load(archive: Path) -> None:
    """Imports the archive's images, unless the node has those very ones."""
    if is_given():
        raise ClusterError(f"{kubeconfig()} is not a cluster of ours: load {archive} into it by hand")
    processes = Processes.recorded()
    if processes is None:
        raise ClusterError("the cluster is not running: `python -m tests.cluster up` starts it")
    contents = images.contents(archive)
    if contents.items() <= _loaded(processes).items():
        return
    say(f"Loading {', '.join(contents)}")
    processes.run(*components.ctr("images", "import", archive), timeout=600)


def kubectl(*words: str, given: str = "") -> str:
    """What it writes to standard output, as an administrator.

    :param given: its standard input.
    """
    options = [f"--kubeconfig={kubeconfig()}", f"--cache-dir={paths.STATE / 'kubectl'}"]
    return run([binaries.program("kubectl"), *options, *words], given=given)


def _given_kubeconfig() -> Path | None:
    given = os.environ.get("LOGGY_KUBECONFIG")
    return Path(given).expanduser() if given else None


def _start() -> None:
    machine.install_packages()
    if reasons := machine.missing():
        raise ClusterError("; ".join(reasons))
    _stop()
    binaries.build()
    own_images = [images.build(image) for image in (standard_images.pause(), standard_images.base())]
    credentials.make()
    say("Starting the cluster")
    try:
        processes = Processes.begin()
        isolation.isolate(processes)
        _start_control_plane(processes)
        _start_containers(processes, own_images)
        _start_node(processes)
        _start_addons(processes)
    except BaseException:
        _stop()
        raise


def _stop() -> None:
    processes = Processes.recorded()
    if processes is not None:
        say("Stopping the cluster")
        processes.stop(_CLIENTS, seconds=2)
        processes.stop(["etcd"], seconds=10)
        processes.kill_all()
    isolation.clean_up()
    paths.RECORD.unlink(missing_ok=True)


def _start_control_plane(processes: Processes) -> None:
    processes.start("etcd", components.etcd())
    processes.start("kube-apiserver", components.apiserver())
    # Takes its time to start, too, and waits for the API server no longer than we do.
    processes.start("containerd", components.containerd())
    processes.wait("have the API server ready", _api_ready, of="kube-apiserver")
    processes.start("kube-controller-manager", components.controller_manager())
    processes.start("kube-scheduler", components.scheduler())


def _start_containers(processes: Processes, archives: Sequence[Path]) -> None:
    def answers() -> bool:
        return processes.attempt(*components.ctr("version")).returncode == 0

    processes.wait("have containerd answer", answers, of="containerd")
    for archive in archives:
        load(archive)


def _start_node(processes: Processes) -> None:
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    processes.start("kubelet", components.kubelet())
    processes.start("kube-proxy", components.proxy())
    processes.wait("have the node ready", lambda: _node_ready(since), of="kubelet")


def _start_addons(processes: Processes) -> None:
    values = {
        "BASE_IMAGE": standard_images.BASE,
        "COREDNS": binaries.COREDNS,
        "DNS_ADDRESS": components.DNS_ADDRESS,
        "SERVICE_DOMAIN": credentials.SERVICE_DOMAIN,
    }
    manifests = Template((paths.SOURCES / "addons.yaml").read_text()).substitute(values)
    kubectl("apply", "--filename=-", given=manifests)
    name = f"kubernetes.default.svc.{credentials.SERVICE_DOMAIN}"
    processes.wait(
        f"have the cluster's DNS know {name}", lambda: dns.knows(components.DNS_ADDRESS, name), of="kubelet", seconds=90
    )


def _api_ready() -> bool:
    if not paths.KUBECONFIG.exists():
        return False
    token = json.loads(paths.KUBECONFIG.read_text())["users"][0]["user"]["token"]
    request = urllib.request.Request(f"{credentials.API_URL}/readyz", headers={"Authorization": f"Bearer {token}"})
    trust = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(credentials.CA)))
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}), trust)
    try:
        with direct.open(request, timeout=_API_TIMEOUT) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _node_ready(since: str) -> bool:
    """:param since: what the node said before, in another life, does not count."""
    try:
        nodes = json.loads(kubectl("get", "nodes", "--output=json"))["items"]
    except ClusterError:
        return False
    conditions = [item for node in nodes for item in node["status"].get("conditions", ())]
    return any(
        item["type"] == "Ready" and item["status"] == "True" and item["lastHeartbeatTime"] >= since
        for item in conditions
    )


def _loaded(processes: Processes) -> dict[str, str]:
    """Name to the digest of the manifest."""
    lines = processes.run(*components.ctr("images", "list")).splitlines()
    return {words[0]: words[2] for words in (line.split() for line in lines[1:])}


@contextmanager
def _locked() -> Iterator[None]:
    """One at a time: tests of several processes may all want a cluster."""
    paths.CACHE.mkdir(parents=True, exist_ok=True)
    with paths.LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
