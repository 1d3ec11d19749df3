"""What a pod of `deploy/` may do, and that it is enough."""

from __future__ import annotations

import json

import pytest

from reconciler.errors import ExitCode
from tests.node.installation import POD, Installation
from tests.node.node import Node, terminated

_WATCH = "reconciler-watch"
_OBJECTS = 1000
_TIMES = 5
_THOUSAND = f"""\
{{% for i in range({_OBJECTS}) %}}
---
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata: {{name: "many-{{{{ i }}}}"}}
spec: {{type: claude, model: claude-sonnet-4-5, credential: {{secretRef: {{name: claude}}}}}}
{{% endfor %}}
"""
_TRIES = """\
import os, pathlib, pwd, subprocess
for folder in ("/", "/opt/reconciler", "/config", "/var/run"):
    try:
        pathlib.Path(folder, "new").write_text("x")
        print(folder, "can be written")
    except OSError as error:
        print(folder, os.strerror(error.errno))
pathlib.Path("/tmp/new").write_text("x")
print(os.getuid(), os.getgid(), pwd.getpwuid(os.getuid()).pw_name)
print([line.split()[1] for line in open("/proc/self/status") if line.startswith(("CapEff", "NoNewPrivs", "Seccomp:"))])
print(subprocess.run(["ssh", "-T", "-o", "BatchMode=yes", "127.0.0.1"], capture_output=True, text=True).stderr.strip())
"""


@pytest.fixture
def watched(installation: Installation) -> Installation:
    installation.install("watch")
    installation.secrets()
    return installation


def test_its_namespace_enforces_what_its_root_and_its_user_are(
    watched: Installation, node: Node
) -> None:
    (cronjob,) = node.objects("cronjobs", watched.home)
    template = cronjob["spec"]["jobTemplate"]["spec"]["template"]
    (container,) = template["spec"]["containers"]
    container |= {"command": ["/opt/reconciler/bin/python", "-c", _TRIES]}
    container.pop("args")
    spec = {"backoffLimit": 0, "template": template}
    body = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "tries"}, "spec": spec}
    node.apply(json.dumps(body), "-n", watched.home)
    ran = watched.ended("tries")
    assert ran.code == 0, ran.log
    assert ran.log.splitlines() == [
        "/ Read-only file system",
        "/opt/reconciler Read-only file system",
        "/config Read-only file system",
        "/var/run Read-only file system",
        "65532 65532 reconciler",
        "['0000000000000000', '1', '2']",
        "ssh: connect to host 127.0.0.1 port 22: Connection refused",
    ]
    loose = {"containers": [{"name": "run", "image": container["image"]}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "loose"}, "spec": loose}
    path = f"/api/v1/namespaces/{watched.home}/pods"
    assert node.request("POST", path, json=pod).status_code == 403


def test_its_memory_is_enough_for_a_thousand_objects(watched: Installation) -> None:
    """A watch that predicts each of them, under the limit that the kernel enforces."""
    watched.world.write({"environments/prod/many.yaml.j2": _THOUSAND})
    patience = {"name": "RECONCILER_TIMEOUT", "value": "600"}
    watched.install("watch", {"op": "add", "path": f"{POD}/containers/0/env/-", "value": patience})
    for _ in range(_TIMES):
        ran = watched.run(_WATCH)
        assert terminated(ran.pod)["reason"] != "OOMKilled"
        if ran.code != ExitCode.CLUSTER:  # a busy machine, which says nothing of memory
            break
    assert ran.verdict == "prod: no drift; 1,003 objects in git wait for apply; exit 0", ran.log
