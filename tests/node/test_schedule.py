"""CronJobs of `deploy/` by their schedule, and what one does while a run of its own goes on."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from reconciler.model.lease import new_lease
from tests.node.installation import Installation
from tests.node.node import Node

_WATCH, _APPLY = "reconciler-watch", "reconciler-apply"
_LEASE = "provider-reconciler-prod"
_CRONJOBS = "/apis/batch/v1/namespaces/{}/cronjobs/{}"
_MERGE = {"Content-Type": "application/merge-patch+json"}


def test_the_clock_starts_a_run_but_none_beside_another(
    installation: Installation, node: Node
) -> None:
    """Of two CronJobs one has a run that waits for a lock: of the other alone the clock starts one."""
    installation.install("both")
    installation.secrets()
    assert installation.world.run("apply", "prod").code == 0
    home = installation.home
    hold(node, home)
    going = installation.start(_APPLY)
    (job,) = node.objects("jobs", home)
    # The controller counts the runs that it started; this one, which nobody had to wait for, is like them.
    active = {"kind": "Job", "name": going, "namespace": home, "uid": job["metadata"]["uid"]}
    patch(node, _CRONJOBS.format(home, f"{_APPLY}/status"), {"status": {"active": [active]}})
    for name in (_WATCH, _APPLY):
        schedule = {"schedule": "* * * * *", "suspend": False}
        patch(node, _CRONJOBS.format(home, name), {"spec": schedule})

    node.wait(lambda: "JobAlreadyActive" in events(node, home, _APPLY), "the clock strikes")
    node.wait(lambda: len(node.objects("jobs", home)) > 1, "the other CronJob has a run")
    started = [each["metadata"]["name"] for each in node.objects("jobs", home)]
    (watch,) = [name for name in started if name != going]
    assert watch.startswith(f"{_WATCH}-")
    assert installation.ended(watch).verdict == "prod: in sync; exit 0"
    release(node, home)
    waited = installation.ended(going)
    assert waited.verdict == "prod: nothing to do; exit 0", waited.log


def patch(node: Node, path: str, body: dict[str, Any]) -> None:
    node.request("PATCH", path, headers=_MERGE, content=json.dumps(body)).raise_for_status()


def hold(node: Node, home: str) -> None:
    """Another run takes the lock."""
    spec = new_lease(home, _LEASE, "runner-7/4121/00000000-1a2b3c4d", datetime.now(UTC)).body()
    patch(node, _path(home), {"spec": spec["spec"]})


def release(node: Node, home: str) -> None:
    patch(node, _path(home), {"spec": {"holderIdentity": ""}})


def _path(home: str) -> str:
    return f"/apis/coordination.k8s.io/v1/namespaces/{home}/leases/{_LEASE}"


def events(node: Node, namespace: str, name: str) -> set[str]:
    """The reasons of the events on an object."""
    items = node.request("GET", f"/api/v1/namespaces/{namespace}/events").json()["items"]
    return {each["reason"] for each in items if each["involvedObject"]["name"] == name}
