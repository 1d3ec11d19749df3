"""What the programs of a node are told."""

from __future__ import annotations

import json
from pathlib import Path

from tests.controlplane import config
from tests.controlplane.build import Binaries

NAME = "node-1"
SERVICE = "10.0.0.1"  # of the Service `kubernetes`: an address of the node itself, so nothing translates it
BRIDGE, GATEWAY, PODS = "cni0", "10.88.0.1", "10.88.0.0/24"
URL = f"https://{SERVICE}:443"
ETCD_PORT = 2379
CONTAINERD = "/run/containerd/containerd.sock"
PAUSE = "localhost/pause:1"
# User and groups of each token. The kubelet may do what concerns its own node.
USERS = {
    config.ADMIN: (config.ADMIN, "system:masters"),
    "controllers": ("system:kube-controller-manager", "system:masters"),
    "scheduler": ("system:kube-scheduler", ""),
    NAME: (f"system:node:{NAME}", "system:nodes"),
}
_CONTROLLERS = (
    "cronjob-controller",
    "garbage-collector-controller",
    "job-controller",
    "namespace-controller",
    "node-lifecycle-controller",
    "persistentvolume-binder-controller",
    "pod-garbage-collector-controller",
    "root-ca-certificate-publisher-controller",
    "serviceaccount-controller",
    "taint-eviction-controller",
)


def kube_apiserver(binaries: Binaries, home: Path, tokens: dict[str, str]) -> list[str]:
    lines = [
        f'{token},{USERS[name][0]},{name},"{USERS[name][1]}"\n' for name, token in tokens.items()
    ]
    return [
        *config.any_kube_apiserver(binaries.kube_apiserver, home, ETCD_PORT, "".join(lines)),
        "--bind-address=0.0.0.0",
        f"--advertise-address={GATEWAY}",
        "--secure-port=443",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--kubelet-preferred-address-types=InternalIP",
    ]


def controllers(programs: Path, home: Path, ca_file: Path) -> list[str]:
    return [
        str(programs / "kube-controller-manager"),
        f"--kubeconfig={config.kubeconfig_path(home, 'controllers')}",
        "--leader-elect=false",
        "--secure-port=0",
        f"--service-account-private-key-file={home / config.SERVICE_ACCOUNT_KEY}",
        f"--root-ca-file={ca_file}",
        f"--controllers={','.join(_CONTROLLERS)}",
    ]


def scheduler(programs: Path, home: Path) -> list[str]:
    kubeconfig = config.kubeconfig_path(home, "scheduler")
    program = str(programs / "kube-scheduler")
    return [program, f"--kubeconfig={kubeconfig}", "--leader-elect=false", "--secure-port=0"]


def kubelet(programs: Path, home: Path, cgroup: str) -> list[str]:
    settings = config.write_private(home / "kubelet.json", json.dumps(_kubelet(cgroup)))
    return [
        str(programs / "kubelet"),
        f"--kubeconfig={config.kubeconfig_path(home, NAME)}",
        f"--config={settings}",
        "--root-dir=/var/lib/kubelet",
        f"--hostname-override={NAME}",
        f"--node-ip={GATEWAY}",
    ]


def _kubelet(cgroup: str) -> dict[str, object]:
    """Anybody in this network may ask it: nobody else is in it."""
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "containerRuntimeEndpoint": f"unix://{CONTAINERD}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{cgroup}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
        "authorization": {"mode": "AlwaysAllow"},
        # The disk is that of the machine, and others fill it.
        "evictionHard": dict.fromkeys(
            ("memory.available", "nodefs.available", "nodefs.inodesFree", "imagefs.available"), "0%"
        ),
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "resolvConf": "",
        "clusterDNS": [GATEWAY],  # nobody answers there
        "readOnlyPort": 0,
        "syncFrequency": "2s",
        "nodeStatusUpdateFrequency": "5s",
        "registryPullQPS": 0,
        "eventRecordQPS": 0,
        "maxPods": 200,
    }


def containerd(runtime: Path, home: Path) -> list[str]:
    """`restrict_oom_score_adj`: a machine may not let even root lower the score, and then no pod would start."""
    network = home / "network"
    network.mkdir()
    (network / "10-pods.conflist").write_text(json.dumps(_NETWORK))
    file = home / "containerd.toml"
    file.write_text(f"""\
version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
  address = "{CONTAINERD}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE}"
  disable_apparmor = true
  disable_hugetlb_controller = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{runtime / "usr/lib/cni"}"
    conf_dir = "{network}"
""")
    return [str(runtime / "usr/bin/containerd"), "--config", str(file)]


_NETWORK = {
    "cniVersion": "0.4.0",
    "name": "pods",
    "plugins": [
        {
            "type": "bridge",
            "bridge": BRIDGE,
            "isGateway": True,
            "isDefaultGateway": True,
            "ipMasq": False,
            "ipam": {"type": "host-local", "dataDir": "/run/cni", "ranges": [[{"subnet": PODS}]]},
        }
    ],
}
