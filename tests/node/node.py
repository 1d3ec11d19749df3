"""A running node, as tests see it: a control plane whose pods run."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from tests.controlplane.locks import until
from tests.controlplane.plane import ControlPlane
from tests.node import config
from tests.node.build import parts

Object = dict[str, Any]
_GROUPS = {"pods": "api/v1", "jobs": "apis/batch/v1", "cronjobs": "apis/batch/v1"}
_INDEX = "batch.kubernetes.io/job-completion-index"


class Node(ControlPlane):
    """A control plane with controllers, a scheduler and one kubelet."""

    @property
    def kubectl_program(self) -> Path:
        return self._kubectl

    @property
    def is_ready(self) -> bool:
        """Whether it takes pods, and makes their accounts."""
        node = self.request("GET", f"/api/v1/nodes/{config.NAME}")
        account = self.request("GET", "/api/v1/namespaces/default/serviceaccounts/default")
        return node.is_success and "taints" not in node.json()["spec"] and account.is_success

    def objects(self, plural: str, namespace: str, **labels: str) -> list[Object]:
        """Pods, Jobs or CronJobs with these labels (`job_name` is `job-name`)."""
        selector = ",".join(f"{key.replace('_', '-')}={value}" for key, value in labels.items())
        path = f"/{_GROUPS[plural]}/namespaces/{namespace}/{plural}"
        answer = self.request("GET", path, params={"labelSelector": selector})
        assert answer.status_code == HTTPStatus.OK, answer.text
        return list(answer.json()["items"])

    def pods(self, job: str, namespace: str) -> list[Object]:
        """Of a Job, in the order of their indexes."""
        pods = self.objects("pods", namespace, job_name=job)
        return sorted(pods, key=_index)

    def ending(self, job: str, namespace: str) -> str:
        """`Complete` or `Failed`, once a Job has ended."""
        endings: list[str] = []

        def has_ended() -> bool:
            jobs = self.objects("jobs", namespace)
            (status,) = [each["status"] for each in jobs if each["metadata"]["name"] == job]
            true = {c["type"] for c in status.get("conditions", ()) if c["status"] == "True"}
            endings.extend(true & {"Complete", "Failed"})
            return bool(endings)

        self.wait(has_ended, f"Job {job} has ended")
        return endings[0]

    def wait(self, condition: Callable[[], bool], what: str, every: float = 0.2) -> None:
        """For what takes seconds."""
        until(condition, what, seconds=900, every=every)

    def ctr(self, *words: str) -> str:
        """A command of containerd, to do what the API has no request for; its output."""
        (pid,) = self.pids
        inside = ("nsenter", "--target", str(pid), "--mount", "--pid", "--")
        runtime = parts().runtime / "usr/bin/ctr"
        command = [runtime, "--address", config.CONTAINERD, "--namespace", "k8s.io", *words]
        return subprocess.run(
            [*inside, *command], check=True, capture_output=True, text=True
        ).stdout

    def log(self, pod: Object) -> str:
        metadata = pod["metadata"]
        return self.kubectl("logs", metadata["name"], "-n", metadata["namespace"]).stdout


def _index(pod: Object) -> int:
    return int(pod["metadata"].get("annotations", {}).get(_INDEX, "0"))


def terminated(pod: Object) -> Object:
    """How the only container of a pod ended: exitCode, reason, message."""
    (container,) = pod["status"]["containerStatuses"]
    return dict(container["state"]["terminated"])
