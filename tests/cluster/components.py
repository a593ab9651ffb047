# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How each component is called, and the settings that it reads. JSON is written where YAML is read."""

from __future__ import annotations

import json
import resource
from pathlib import Path
from typing import Any

from tests.cluster import credentials, paths
from tests.cluster.binaries import program
from tests.cluster.credentials import NODE_NAME, SERVICE_DOMAIN, certificate, key, kubeconfig
from tests.cluster.isolation import CGROUP, NODE_ADDRESS, POD_NETWORK, SERVICE_NETWORK
from tests.cluster.machine import CNI_PLUGINS
from tests.cluster.standard_images import PAUSE

DNS_ADDRESS = "10.96.0.10"

_ETCD = "http://127.0.0.1:2379"
_ETCD_PEER = "http://127.0.0.1:2380"
# In the mount namespace, whose /run is not the machine's.
_CONTAINERD_SOCKET = "/run/containerd/containerd.sock"
_MOST_OPEN_FILES = 1_000_000


def etcd() -> list[str]:
    return [
        str(program("etcd")),
        f"--data-dir={paths.ETCD}",
        f"--listen-client-urls={_ETCD}",
        f"--advertise-client-urls={_ETCD}",
        f"--listen-peer-urls={_ETCD_PEER}",
        f"--initial-advertise-peer-urls={_ETCD_PEER}",
        f"--initial-cluster=default={_ETCD_PEER}",
        "--unsafe-no-fsync",
    ]


def apiserver() -> list[str]:
    return [
        str(program("kube-apiserver")),
        f"--etcd-servers={_ETCD}",
        f"--bind-address={NODE_ADDRESS}",
        f"--advertise-address={NODE_ADDRESS}",
        "--secure-port=6443",
        "--allow-privileged=true",
        "--authorization-mode=Node,RBAC",
        f"--service-cluster-ip-range={SERVICE_NETWORK}",
        f"--tls-cert-file={certificate('kube-apiserver')}",
        f"--tls-private-key-file={key('kube-apiserver')}",
        f"--client-ca-file={credentials.CA}",
        f"--token-auth-file={credentials.TOKENS}",
        f"--service-account-issuer=https://kubernetes.default.svc.{SERVICE_DOMAIN}",
        f"--service-account-signing-key-file={credentials.SERVICE_ACCOUNT_KEY}",
        f"--service-account-key-file={credentials.SERVICE_ACCOUNT_PUBLIC_KEY}",
        f"--kubelet-client-certificate={certificate('kubelet-client')}",
        f"--kubelet-client-key={key('kubelet-client')}",
        f"--kubelet-certificate-authority={credentials.CA}",
        "--kubelet-preferred-address-types=InternalIP",
        # For API servers of others, such as metrics adapters.
        "--enable-aggregator-routing=true",
        f"--proxy-client-cert-file={certificate('front-proxy')}",
        f"--proxy-client-key-file={key('front-proxy')}",
        f"--requestheader-client-ca-file={credentials.CA}",
        "--requestheader-allowed-names=front-proxy",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-username-headers=X-Remote-User",
    ]


def controller_manager() -> list[str]:
    return [
        str(program("kube-controller-manager")),
        *_as_itself("kube-controller-manager"),
        f"--service-account-private-key-file={credentials.SERVICE_ACCOUNT_KEY}",
        f"--root-ca-file={credentials.CA}",
        f"--cluster-signing-cert-file={credentials.CA}",
        f"--cluster-signing-key-file={credentials.CA_KEY}",
        "--use-service-account-credentials=true",
        "--enable-hostpath-provisioner=true",
    ]


def scheduler() -> list[str]:
    return [str(program("kube-scheduler")), *_as_itself("kube-scheduler")]


def containerd() -> list[str]:
    _write_json(paths.CONFIG / "cni" / "10-bridge.conflist", _cni())
    settings = paths.CONFIG / "containerd.toml"
    settings.write_text(_containerd_settings())
    return ["containerd", f"--config={settings}"]


def ctr(*words: str | Path) -> list[str | Path]:
    """Containerd's own client, for what Kubernetes uses of it."""
    return ["ctr", f"--address={_CONTAINERD_SOCKET}", "--namespace=k8s.io", *words]


def kubelet() -> list[str]:
    settings = paths.CONFIG / "kubelet.json"
    _write_json(settings, _kubelet_settings())
    # What pods get that do not ask the cluster's DNS: there is nothing upstream.
    _resolv_conf().write_text("nameserver 127.0.0.1\n")
    return [
        str(program("kubelet")),
        f"--config={settings}",
        f"--kubeconfig={kubeconfig('kubelet')}",
        f"--hostname-override={NODE_NAME}",
        f"--node-ip={NODE_ADDRESS}",
        f"--root-dir={paths.KUBELET}",
        f"--cert-dir={paths.KUBELET}/pki",
    ]


def proxy() -> list[str]:
    settings = paths.CONFIG / "kube-proxy.json"
    _write_json(settings, _proxy_settings())
    return [str(program("kube-proxy")), f"--config={settings}"]


def _as_itself(name: str) -> list[str]:
    file = kubeconfig(name)
    return [
        f"--kubeconfig={file}",
        f"--authentication-kubeconfig={file}",
        f"--authorization-kubeconfig={file}",
        "--bind-address=127.0.0.1",
        "--leader-elect=false",
    ]


def _kubelet_settings() -> dict[str, Any]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": NODE_ADDRESS,
        "healthzBindAddress": "127.0.0.1",
        "readOnlyPort": 0,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(credentials.CA)},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(certificate("kubelet")),
        "tlsPrivateKeyFile": str(key("kubelet")),
        "containerRuntimeEndpoint": f"unix://{_CONTAINERD_SOCKET}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{CGROUP}",
        "enforceNodeAllocatable": ["pods"],
        "failCgroupV1": False,
        "failSwapOn": False,
        "clusterDomain": SERVICE_DOMAIN,
        "clusterDNS": [DNS_ADDRESS],
        "resolvConf": str(_resolv_conf()),
        "volumePluginDir": str(paths.KUBELET / "volume-plugins"),
        # Neither may be lowered, nor the limit raised, where capabilities are cut.
        "oomScoreAdj": 0,
        "maxOpenFiles": min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], _MOST_OPEN_FILES),
        # Images cannot be pulled again, and the disk is the developer's own.
        "imageGCHighThresholdPercent": 100,
        "evictionHard": {"memory.available": "200Mi", "nodefs.available": "2%", "imagefs.available": "2%"},
    }


def _proxy_settings() -> dict[str, Any]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "clientConnection": {"kubeconfig": str(kubeconfig("kube-proxy"))},
        "hostnameOverride": NODE_NAME,
        "clusterCIDR": POD_NETWORK,
        "healthzBindAddress": "127.0.0.1:10256",
        "metricsBindAddress": "127.0.0.1:10249",
        "nodePortAddresses": ["primary"],
        "oomScoreAdj": 0,
        # The tables of connections keep the machine's limits.
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
    }


def _cni() -> dict[str, Any]:
    bridge = {
        "type": "bridge",
        "bridge": "cni0",
        "isGateway": True,
        "ipMasq": False,
        "hairpinMode": True,
        "ipam": {
            "type": "host-local",
            "dataDir": "/run/cni-addresses",
            "ranges": [[{"subnet": POD_NETWORK}]],
            "routes": [{"dst": "0.0.0.0/0"}],
        },
    }
    ports = {"type": "portmap", "capabilities": {"portMappings": True}}
    return {"cniVersion": "0.4.0", "name": "loggy", "plugins": [bridge, ports]}


def _containerd_settings() -> str:
    unused = ("internal.v1.opt", *(f"snapshotter.v1.{name}" for name in ("aufs", "btrfs", "devmapper", "zfs")))
    return f"""\
version = 2
root = "{paths.CONTAINERD}"
state = "/run/containerd"
disabled_plugins = {json.dumps([f"io.containerd.{name}" for name in unused])}

[grpc]
address = "{_CONTAINERD_SOCKET}"

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{PAUSE}"
restrict_oom_score_adj = true
disable_apparmor = true

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{CNI_PLUGINS}"
conf_dir = "{paths.CONFIG / "cni"}"

[plugins."io.containerd.grpc.v1.cri".containerd]
default_runtime_name = "runc"
snapshotter = "overlayfs"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
SystemdCgroup = false
"""


def _resolv_conf() -> Path:
    return paths.CONFIG / "resolv.conf"


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1))
