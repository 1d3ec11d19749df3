"""The account of a pod, elsewhere than at /var/run: a program that says where, and then is the command.

The kubernetes client has no option for the place; it is the only thing that is changed, and not in the product.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from tests.faults.proxy import Proxy
from tests.interpreters.clients import Client

_PROGRAM = """\
import sys
from kubernetes.config import incluster_config as pod
pod.SERVICE_TOKEN_FILENAME, pod.SERVICE_CERT_FILENAME = {token!r}, {authority!r}
from reconciler.cli import main
sys.exit(main())
"""


@dataclass(frozen=True)
class Pod:
    program: Path
    environ: dict[str, str]

    def client(self, client: Client) -> Client:
        return replace(client, program=(self.program,))


def pod(home: Path, proxy: Proxy, token: str) -> Pod:
    """A pod whose API server is the proxy."""
    file = home / "pod-token"
    file.write_text(token)
    program = home / "pod.py"
    program.write_text(_PROGRAM.format(token=str(file), authority=str(proxy.authority)))
    url = urlsplit(proxy.url)
    environ = {
        "KUBERNETES_SERVICE_HOST": str(url.hostname),
        "KUBERNETES_SERVICE_PORT": str(url.port),
        "HOME": str(home),  # without a kubeconfig in it
    }
    return Pod(program, environ)
