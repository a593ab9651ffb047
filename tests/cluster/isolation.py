# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the cluster apart from the machine: its network, folders, kernel settings and cgroups."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from tests.cluster import paths
from tests.cluster.commands import attempt, run, wait_until
from tests.cluster.machine import cgroup_hierarchies
from tests.cluster.processes import Processes

NODE_ADDRESS = "10.250.0.2"
HOST_ADDRESS = "10.250.0.1"
POD_NETWORK = "10.244.0.0/16"
SERVICE_NETWORK = "10.96.0.0/16"
CGROUP = "loggy-cluster"

_LINK_NETWORK = "/24"
_HOST_LINK = "loggy-cluster"
_NODE_LINK = "eth0"

# Folders of the machine that programs write to whatever their settings are, and whether what they write there is kept
# until the next start. The cluster sees folders of its own in their place.
_FOLDERS = {
    "/run": False,
    "/tmp/hostpath_pv": True,  # of the provisioner of volumes
    "/var/lib/cni": False,
    "/var/lib/kubelet": True,
    "/var/log": True,
}
# Settings of the whole machine that the kubelet wants to write: it gets files.
_KERNEL_SETTINGS = (
    "kernel/keys/root_maxbytes",
    "kernel/keys/root_maxkeys",
    "kernel/panic",
    "kernel/panic_on_oops",
    "vm/overcommit_memory",
    "vm/panic_on_oom",
)


def isolate(processes: Processes) -> None:
    for folder, kept in _FOLDERS.items():
        _cover_folder(processes, Path(folder), kept)
    for name in _KERNEL_SETTINGS:
        _cover_setting(processes, name)
    # Volumes that the kubelet mounts must show up in containers.
    processes.run("mount", "--make-rshared", "/")
    _connect(processes)
    for hierarchy in cgroup_hierarchies():
        (hierarchy / CGROUP).mkdir(exist_ok=True)


def clean_up() -> None:
    """Removes what `isolate` made on the machine, once no process is left in it."""
    attempt(["ip", "link", "delete", _HOST_LINK])
    for hierarchy in cgroup_hierarchies():
        _remove_cgroup(hierarchy / CGROUP)
    for folder in _FOLDERS:
        marker = _made_marker(folder)
        if marker.exists():
            with contextlib.suppress(OSError):
                Path(folder).rmdir()
            marker.unlink()


def _connect(processes: Processes) -> None:
    """One link to the host, over which the host reaches pods and services; nothing is let out further."""
    other_end = ["peer", "name", _NODE_LINK, "netns", str(processes.holder)]
    run(["ip", "link", "add", _HOST_LINK, "type", "veth", *other_end])
    run(["ip", "address", "add", HOST_ADDRESS + _LINK_NETWORK, "dev", _HOST_LINK])
    run(["ip", "link", "set", _HOST_LINK, "up"])
    processes.run("ip", "link", "set", "lo", "up")
    processes.run("ip", "address", "add", NODE_ADDRESS + _LINK_NETWORK, "dev", _NODE_LINK)
    processes.run("ip", "link", "set", _NODE_LINK, "up")
    processes.run("ip", "route", "add", "default", "via", HOST_ADDRESS)
    for network in (POD_NETWORK, SERVICE_NETWORK):
        run(["ip", "route", "add", network, "via", NODE_ADDRESS, "dev", _HOST_LINK])
    _set_in_network(processes, "ipv4/ip_forward", "1")
    # Else an answer from a pod to another one on the same bridge would not pass as the service's that was asked.
    _set_in_network(processes, "bridge/bridge-nf-call-iptables", "1")


def _set_in_network(processes: Processes, name: str, value: str) -> None:
    path = f"/proc/sys/net/{name}"
    processes.run("sh", "-c", f"echo {value} > {path}")


def _cover_folder(processes: Processes, folder: Path, kept: bool) -> None:
    private = _private(str(folder))
    if not kept:
        shutil.rmtree(private, ignore_errors=True)
    private.mkdir(parents=True, exist_ok=True)
    if not folder.exists():
        folder.mkdir(parents=True)
        _made_marker(str(folder)).touch()
    processes.run("mount", "--bind", private, folder)


def _cover_setting(processes: Processes, name: str) -> None:
    setting = Path("/proc/sys") / name
    file = _private(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(setting.read_text())
    processes.run("mount", "--bind", file, setting)


def _private(name: str) -> Path:
    return paths.PRIVATE / name.strip("/").replace("/", "-")


def _made_marker(folder: str) -> Path:
    """Is there when the machine has that folder only as a place to mount ours on."""
    return _private(folder).with_suffix(".made")


def _remove_cgroup(top: Path) -> None:
    def gone() -> bool:
        for folder in [*sorted(top.rglob("*/"), reverse=True), top]:
            with contextlib.suppress(OSError):
                folder.rmdir()
        return not top.exists()

    wait_until(f"remove {top}", gone, seconds=10)
