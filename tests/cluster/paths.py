# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the cluster's files lie: everything under one folder of the user's cache."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = Path(__file__).resolve().parent

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "loggy.pipeline" / "cluster"
LOCK = CACHE / "lock"
BIN = CACHE / "bin"
IMAGES = CACHE / "images"
MAVEN = CACHE / "maven"

# What `wipe` forgets.
STATE = CACHE / "state"
LOGS = STATE / "log"
PKI = STATE / "pki"
CONFIG = STATE / "config"
ETCD = STATE / "etcd"
CONTAINERD = STATE / "containerd"
KUBELET = STATE / "kubelet"
PRIVATE = STATE / "private"
RECORD = STATE / "running.json"
KUBECONFIG = CONFIG / "admin.kubeconfig"
