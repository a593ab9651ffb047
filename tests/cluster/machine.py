# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cluster needs of the machine, and what of that is missing."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cluster.commands import attempt, run_in_view, say, search_path

# Program: Debian's package of it.
PROGRAMS = {
    "containerd": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    "conntrack": "conntrack",
    "ethtool": "ethtool",
    "socat": "socat",
    "ip": "iproute2",
    "iptables": "iptables",
    "nft": "nftables",
    "ipset": "ipset",
    "mmdebstrap": "mmdebstrap",
    "openssl": "openssl",
    "mount": "mount",
    "nsenter": "util-linux",
    "unshare": "util-linux",
    "mvn": "maven",
}
CNI_PLUGINS = Path("/usr/lib/cni")
CNI_PACKAGE = "containernetworking-plugins"
OLDEST_GO = (1, 24)
# Asked by Debian before it starts a service that it has just installed.
_START_POLICY = Path("/usr/sbin/policy-rc.d")
# Each is tried in namespaces that are gone when the command ends.
_TRIALS = {
    "make network and mount namespaces": "true",
    "make veth devices": "ip link add loggy0 type veth peer name loggy1",
    "make bridges": "ip link add loggy0 type bridge",
    "use nftables": "nft add table ip loggy",
    "filter what crosses bridges": "[ -e /proc/sys/net/bridge/bridge-nf-call-iptables ] || modprobe br_netfilter",
    "mount files over those in /proc/sys": "mount --bind /dev/null /proc/sys/kernel/panic",
    "mount overlays": (
        "mount -t tmpfs loggy /mnt && mkdir /mnt/lower /mnt/upper /mnt/work && "
        "mount -t overlay -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work loggy /mnt"
    ),
}


def missing() -> list[str]:
    """Why there can be no cluster here, a line for each reason; nothing when there can, or when one is given."""
    if os.environ.get("LOGGY_KUBECONFIG"):
        return []
    if os.geteuid() != 0:
        return ["it takes root to start a cluster"]
    reasons = [*_missing_programs(), *_missing_go(), *_missing_cgroups()]
    return reasons or _forbidden()


def install_packages() -> None:
    """Installs the Debian packages whose programs are missing, where that is possible."""
    packages = sorted({PROGRAMS[name] for name in _absent_programs()} | ({CNI_PACKAGE} if _absent_plugins() else set()))
    if not packages or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    say(f"Installing {' '.join(packages)}")
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    with _services_not_started():
        run_in_view(["apt-get", "update", "-qq"], cwd=Path("/"), environment=environment)
        install = ["apt-get", "install", "-qq", "--yes", "--no-install-recommends", *packages]
        run_in_view(install, cwd=Path("/"), environment=environment)


def cgroup_hierarchies() -> list[Path]:
    """Where each of them is mounted: one of version 2, or one for each controller of version 1."""
    mounts = (line.split() for line in Path("/proc/self/mounts").read_text().splitlines())
    return [Path(folder) for _, folder, kind, *_ in mounts if kind in ("cgroup", "cgroup2")]


def _absent_programs() -> list[str]:
    return [name for name in PROGRAMS if not shutil.which(name, path=search_path())]


def _absent_plugins() -> list[str]:
    return [name for name in ("bridge", "host-local", "loopback", "portmap") if not (CNI_PLUGINS / name).exists()]


def _missing_programs() -> list[str]:
    return [
        *(f"there is no {name}: install Debian's package {PROGRAMS[name]}" for name in _absent_programs()),
        *(f"there is no {CNI_PLUGINS / name}: install Debian's package {CNI_PACKAGE}" for name in _absent_plugins()),
    ]


def _missing_go() -> list[str]:
    wanted = ".".join(str(number) for number in OLDEST_GO)
    if not shutil.which("go"):
        return [f"there is no go: install Go {wanted} or newer"]
    said = attempt(["go", "version"]).stdout
    found = re.search(r"go(\d+)\.(\d+)", said)
    if found is None or (int(found[1]), int(found[2])) < OLDEST_GO:
        return [f"Go {wanted} or newer is needed, and this is {said.strip() or 'unknown'}"]
    return []


def _missing_cgroups() -> list[str]:
    hierarchies = cgroup_hierarchies()
    if not hierarchies:
        return ["no cgroups are mounted at /sys/fs/cgroup"]
    return [f"{folder} cannot be written to" for folder in hierarchies if not os.access(folder, os.W_OK)]


def _forbidden() -> list[str]:
    for what, command in _TRIALS.items():
        done = attempt(["unshare", "--mount", "--net", "sh", "-c", command])
        if done.returncode:
            return [f"one cannot {what} here: {' '.join(done.stderr.split())}"]
    return []


@contextmanager
def _services_not_started() -> Iterator[None]:
    if _START_POLICY.exists():
        yield
        return
    _START_POLICY.write_text("#!/bin/sh\nexit 101\n")
    _START_POLICY.chmod(0o755)
    try:
        yield
    finally:
        _START_POLICY.unlink()
