"""`deploy/apply` in real pods: one that dies in the middle, and what the next one makes of it."""

from __future__ import annotations

import pytest

from tests.node.installation import Installation
from tests.node.node import Node, Object, terminated

_APPLY, _LEASE = "reconciler-apply", "provider-reconciler-prod"
_OBJECTS = 400
_MANY = f"""\
{{% for i in range({_OBJECTS}) %}}
---
apiVersion: agent.flokoa.ai/v1alpha1
kind: ModelProvider
metadata: {{name: "many-{{{{ i }}}}"}}
spec: {{bedrock: {{region: "eu-west-1"}}}}
{{% endfor %}}
"""


@pytest.fixture
def applied(installation: Installation) -> Installation:
    """A person has applied once, and git has many more objects since."""
    installation.install("apply")
    installation.secrets()
    assert installation.world.run("apply", "prod").code == 0
    installation.world.write({"environments/prod/many.yaml.j2": _MANY})
    installation.install("apply")
    return installation


def test_a_pod_that_dies_in_the_middle_leaves_its_lock_and_the_next_run_converges(
    applied: Installation, node: Node
) -> None:
    job = applied.start(_APPLY)
    node.wait(lambda: objects(node, applied) > 0, "the apply writes", every=0.05)
    (pod,) = node.pods(job, applied.home)
    kill(node, pod)
    died = applied.ended(job)
    written = objects(node, applied)
    assert node.ending(job, applied.home) == "Failed"
    assert (died.code, terminated(died.pod)["reason"]) == (137, "Error")
    assert 0 < written < _OBJECTS
    holder = lock(node, applied)
    assert holder.startswith(f"{pod['metadata']['name']}/"), (
        "the report of the next run names the pod"
    )
    end_minute(node, applied)
    again = applied.run(_APPLY)
    assert (again.code, again.verdict) == (0, f"prod: {_OBJECTS - written} created; exit 0"), (
        again.log
    )
    assert (objects(node, applied), lock(node, applied)) == (_OBJECTS, "")


def objects(node: Node, of: Installation) -> int:
    path = f"/apis/agent.flokoa.ai/v1alpha1/namespaces/{of.home}/modelproviders"
    names = [each["metadata"]["name"] for each in node.request("GET", path).json()["items"]]
    return len([name for name in names if name.startswith("many-")])


def lock(node: Node, of: Installation) -> str:
    path = f"/apis/coordination.k8s.io/v1/namespaces/{of.home}/leases/{_LEASE}"
    return str(node.request("GET", path).json()["spec"].get("holderIdentity") or "")


def end_minute(node: Node, of: Installation) -> None:
    """Nobody waits here for what the holder promised: a minute without a renewal."""
    patch = '{"spec":{"leaseDurationSeconds":1}}'
    node.kubectl("patch", "lease", _LEASE, "-n", of.home, "--type=merge", "-p", patch)


def kill(node: Node, pod: Object) -> None:
    """As when the machine runs out of memory: nobody asks the program first.

    The runtime knows the container before the status of the pod does.
    """
    of_pod = f'labels."io.kubernetes.pod.uid"=={pod["metadata"]["uid"]}'
    container = node.ctr(
        "containers", "ls", "-q", f'{of_pod},labels."io.cri-containerd.kind"==container'
    ).strip()
    node.ctr("tasks", "kill", "--signal", "SIGKILL", container)
