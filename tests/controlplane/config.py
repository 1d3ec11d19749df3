"""What the servers are told: flags, users, keys, kubeconfigs."""

from __future__ import annotations

import base64
import json
import secrets
from pathlib import Path

ADMIN = "admin"
# Everybody but the admin may do nothing until a test grants it.
USERS = (
    ADMIN,
    "diff-runner",
    "apply-runner",
    "drift-runner",
    *(f"spare-{number}" for number in range(1, 9)),
)
AUDIT_LOG = "audit.log"
SERVICE_ACCOUNT_KEY = "service-account.key"
_AUDIT_MEGABYTES = 10_000  # a rotation would take away what a test is about to count


def etcd(binary: Path, home: Path, port: int) -> list[str]:
    client = f"http://127.0.0.1:{port}"
    return [
        str(binary),
        f"--data-dir={home / 'etcd'}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        "--listen-peer-urls=http://127.0.0.1:0",
        "--unsafe-no-fsync",
    ]


def kube_apiserver(
    binary: Path, home: Path, port: int, etcd_port: int, tokens: dict[str, str]
) -> list[str]:
    return [
        *any_kube_apiserver(binary, home, etcd_port, "".join(map(_token_line, tokens.items()))),
        "--bind-address=127.0.0.1",
        f"--secure-port={port}",
        "--service-account-issuer=https://127.0.0.1",
        "--authorization-mode=RBAC",
        # There is no controller to make the accounts that it would ask for.
        "--disable-admission-plugins=ServiceAccount",
        "--endpoint-reconciler-type=none",
    ]


def any_kube_apiserver(binary: Path, home: Path, etcd_port: int, users: str) -> list[str]:
    """What an API server is told wherever it listens, and whoever may what; `users` are lines of a token file."""
    key = write_private(home / SERVICE_ACCOUNT_KEY, _service_account_key())
    tokens = write_private(home / "tokens.csv", users)
    policy = write_private(home / "audit-policy.json", json.dumps(_AUDIT_POLICY))
    return [
        str(binary),
        f"--etcd-servers=http://127.0.0.1:{etcd_port}",
        f"--cert-dir={home / 'certificates'}",
        f"--service-account-key-file={key}",
        f"--service-account-signing-key-file={key}",
        "--service-cluster-ip-range=10.0.0.0/24",
        f"--token-auth-file={tokens}",
        f"--audit-policy-file={policy}",
        f"--audit-log-path={home / AUDIT_LOG}",
        f"--audit-log-maxsize={_AUDIT_MEGABYTES}",
    ]


_AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata"}],
}


def _token_line(pair: tuple[str, str]) -> str:
    user, token = pair
    groups = ",system:masters" if user == ADMIN else ""
    return f"{token},{user},{user}{groups}\n"


def _service_account_key() -> str:
    """A new P-256 private key: SEC 1 lets the public half be left out, so no library is needed."""
    scalar = b"\x01" + secrets.token_bytes(31)  # below the order of the curve
    der = b"\x30\x31\x02\x01\x01\x04\x20" + scalar + b"\xa0\x0a\x06\x08*\x86H\xce=\x03\x01\x07"
    text = base64.b64encode(der).decode()
    return f"-----BEGIN EC PRIVATE KEY-----\n{text}\n-----END EC PRIVATE KEY-----\n"


def kubeconfig_path(home: Path, user: str) -> Path:
    return home / f"{user}.kubeconfig"


def write_kubeconfig(home: Path, user: str, token: str, url: str, ca_file: Path) -> None:
    authority = base64.b64encode(ca_file.read_bytes()).decode()
    name = "control-plane"
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": name, "cluster": {"server": url, "certificate-authority-data": authority}}
        ],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": user}}],
        "current-context": name,
    }
    write_private(kubeconfig_path(home, user), json.dumps(content, indent=2))


def write_private(path: Path, text: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(text)
    return path
