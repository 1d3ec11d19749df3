"""CronJobs of `deploy/` by their schedule, and what one does while a run of its own goes on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from reconciler.model.lease import new_lease
from tests.node.installation import POD, Installation
from tests.node.node import Node

_WATCH, _APPLY = "reconciler-watch", "reconciler-apply"
_LEASE = "provider-reconciler-prod"
_CRONJOBS = "/apis/batch/v1/namespaces/{}/cronjobs/{}"
_MERGE = {"Content-Type": "application/merge-patch+json"}


def test_the_clock_starts_a_run_but_none_beside_another(
    installation: Installation, node: Node
) -> None:
    """Of two CronJobs one has a run that waits for a lock: of the other alone the clock starts one."""
    # The apply waits as long as the test takes, whatever else the machine does.
    patience = {"name": "RECONCILER_LOCK_WAIT", "value": "800"}
    installation.install(
        "both", {"op": "add", "path": f"{POD}/containers/0/env/-", "value": patience}
    )
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
        start_by_clock(node, _CRONJOBS.format(home, name))

    node.wait(lambda: "JobAlreadyActive" in events(node, home, _APPLY), "the clock strikes")
    node.wait(lambda: len(node.objects("jobs", home)) > 1, "the other CronJob has a run")
    for name in (_WATCH, _APPLY):
        patch(node, _CRONJOBS.format(home, name), {"spec": {"suspend": True}})
    jobs = sorted(
        node.objects("jobs", home), key=lambda job: str(job["metadata"]["creationTimestamp"])
    )
    started = [str(each["metadata"]["name"]) for each in jobs]
    assert [name for name in started if name.startswith(f"{_APPLY}-")] == []
    watch = next(name for name in started if name.startswith(f"{_WATCH}-"))
    assert installation.ended(watch).verdict == "prod: in sync; exit 0"
    release(node, home)
    waited = installation.ended(going)
    assert waited.verdict == "prod: nothing to do; exit 0", waited.log


def start_by_clock(node: Node, cronjob: str) -> None:
    """Every minute, and the last time was two minutes ago: for the controller it is late, and due at once."""
    last = (datetime.now(UTC) - timedelta(minutes=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    patch(node, f"{cronjob}/status", {"status": {"lastScheduleTime": last}})
    patch(node, cronjob, {"spec": {"schedule": "* * * * *", "suspend": False}})


def patch(node: Node, path: str, body: dict[str, Any]) -> None:
    node.request("PATCH", path, headers=_MERGE, content=json.dumps(body)).raise_for_status()


def hold(node: Node, home: str) -> None:
    """Another run takes the lock, and would keep it for an hour without a renewal."""
    spec = new_lease(home, _LEASE, "runner-7/4121/00000000-1a2b3c4d", datetime.now(UTC)).body()
    patch(node, _path(home), {"spec": spec["spec"] | {"leaseDurationSeconds": 3600}})


def release(node: Node, home: str) -> None:
    patch(node, _path(home), {"spec": {"holderIdentity": ""}})


def _path(home: str) -> str:
    return f"/apis/coordination.k8s.io/v1/namespaces/{home}/leases/{_LEASE}"


def events(node: Node, namespace: str, name: str) -> set[str]:
    """The reasons of the events on an object."""
    items = node.request("GET", f"/api/v1/namespaces/{namespace}/events").json()["items"]
    return {each["reason"] for each in items if each["involvedObject"]["name"] == name}
