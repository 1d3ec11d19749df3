"""What is kept of a pod: when its containers started, and nothing of its spec."""

from __future__ import annotations

from typing import Any

from reconciler.adapters.kubernetes.pods import running_pods
from reconciler.model.document import Document
from reconciler.model.impact import Pod

START = "2026-07-30T03:07:00Z"


def pod(phase: str = "Running", **status: Any) -> Document:
    env = [{"name": "KEY", "value": "sk-canary-in-a-pod"}]
    return Document.of(
        {
            "metadata": {"namespace": "llm", "name": "helper-1", "labels": {"b": "2", "a": "1"}},
            "spec": {"containers": [{"name": "agent", "env": env}]},
            "status": {"phase": phase} | status,
        }
    )


def started(name: str, **state: Any) -> dict[str, Any]:
    return {"name": name, "state": state or {"running": {"startedAt": START}}}


def test_containers_that_run_have_a_start() -> None:
    waiting = started("slow", waiting={"reason": "CreateContainerConfigError"})
    (only,) = running_pods([pod(containerStatuses=[started("sidecar"), started("agent"), waiting])])
    assert only == Pod(
        "llm", "helper-1", (("a", "1"), ("b", "2")), (("agent", START), ("sidecar", START))
    )
    assert "canary" not in repr(only)


def test_pods_that_have_ended_do_not_count() -> None:
    assert running_pods([pod("Succeeded"), pod("Failed")]) == ()
    assert len(running_pods([pod("Pending"), pod("Unknown")])) == 2


def test_a_status_of_another_shape_is_no_start() -> None:
    for statuses in (None, {}, [{}], [{"name": "x", "state": "odd"}]):
        (only,) = running_pods([pod(containerStatuses=statuses)])
        assert only.containers == ()
