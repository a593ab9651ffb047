# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds Kubernetes with etcd, CoreDNS and the pause program from Go modules."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.cluster import paths
from tests.cluster.commands import run, run_in_view, say

KUBERNETES_VERSION = "1.34.4"  # as go.mod has it
COREDNS_VERSION = "1.12.4"

KUBERNETES = paths.BIN / "kubernetes"
COREDNS = paths.BIN / "coredns"
PAUSE = paths.BIN / "pause"

_GO_SOURCES = paths.SOURCES / "go"
_PROGRAMS = (
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "kubectl",
    "kubelet",
)


@dataclass(frozen=True)
class Build:
    """:param sources: what the output depends on, besides the command and the compiler."""

    output: Path
    command: Sequence[str]
    sources: Iterable[Path] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    def digest(self) -> str:
        inputs = hashlib.sha256(repr((self.command, sorted(self.environment.items()))).encode())
        inputs.update(run(["go", "version"]).encode())
        for source in self.sources:
            inputs.update(source.read_bytes())
        return inputs.hexdigest()


def program(name: str) -> Path:
    """One of Kubernetes' programs, `kubectl` among them."""
    return paths.BIN / name


def build() -> None:
    """Builds what is missing or outdated; minutes at first, seconds when Go's cache is warm."""
    paths.BIN.mkdir(parents=True, exist_ok=True)
    for wanted in _builds():
        _build(wanted)
    for name in _PROGRAMS:
        _link(program(name), KUBERNETES.name)


def _builds() -> list[Build]:
    modules = [_GO_SOURCES / "go.mod", _GO_SOURCES / "go.sum"]
    go_build = ["go", "build", "-buildvcs=false"]
    stamp = ["-ldflags", f"-s -w {_version_flags()}"]
    return [
        Build(KUBERNETES, [*go_build, *stamp, "-o", str(KUBERNETES), "."], [*modules, _GO_SOURCES / "main.go"]),
        Build(
            COREDNS,
            ["go", "install", "-ldflags", "-s -w", f"github.com/coredns/coredns@v{COREDNS_VERSION}"],
            environment={"GOBIN": str(paths.BIN)},
        ),
        Build(
            PAUSE,
            [*go_build, "-ldflags", "-s -w", "-o", str(PAUSE), "./pause"],
            [_GO_SOURCES / "pause" / "main.go"],
            environment={"CGO_ENABLED": "0"},
        ),
    ]


def _version_flags() -> str:
    major, minor, _ = KUBERNETES_VERSION.split(".")
    values = {"gitVersion": f"v{KUBERNETES_VERSION}", "gitMajor": major, "gitMinor": minor}
    packages = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    return " ".join(f"-X {package}.{name}={value}" for package in packages for name, value in values.items())


def _build(wanted: Build) -> None:
    stamp = wanted.output.with_suffix(".inputs")
    digest = wanted.digest()
    if wanted.output.exists() and stamp.exists() and stamp.read_text() == digest:
        return
    say(f"Building {wanted.output.name}")
    stamp.unlink(missing_ok=True)
    run_in_view(wanted.command, cwd=_GO_SOURCES, environment=wanted.environment)
    stamp.write_text(digest)


def _link(link: Path, target: str) -> None:
    if not link.is_symlink() or link.readlink() != Path(target):
        link.unlink(missing_ok=True)
        link.symlink_to(target)
