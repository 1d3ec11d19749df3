"""Refusals in the words of a server that nobody has to trust."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.adapters.kubernetes import KubernetesCluster
from reconciler.errors import RefusalReason, Refused
from tests.adapters.kubernetes.hostile import Hostile, Say
from tests.adapters.kubernetes.objects import THING, THINGS, status


def refusal(server: Hostile, cluster: KubernetesCluster, code: int, body: Any) -> Refused:
    server.answers(Say(code, body))
    with pytest.raises(Refused) as caught:
        cluster.apply(THINGS, THING, manager="us", dry_run=True)
    return caught.value


@pytest.mark.parametrize("part", [' is forbidden: User "', "token: ", 'conflict with "', '{"a":'])
def test_a_message_of_many_beginnings(
    server: Hostile, cluster: KubernetesCluster, part: str
) -> None:
    """A pattern that tries each of them to the end would take hours, in which no deadline is looked at."""
    body = status(403, "Forbidden", part * (8_000_000 // len(part)))
    refused = refusal(server, cluster, 403, body)
    assert refused.reason is RefusalReason.DENIED
    assert "characters, which is not shown" in refused.message


@pytest.mark.parametrize("lines", ["{}", "a\n{}\nb"])
def test_rbac_and_admission_say_different_things(
    server: Hostile, cluster: KubernetesCluster, lines: str
) -> None:
    said = 'things "one" is forbidden: User "{}" cannot patch resource "things"'
    by_rbac = status(403, "Forbidden", lines.format(said.format("jane")))
    assert refusal(server, cluster, 403, by_rbac).reason is RefusalReason.FORBIDDEN
    by_admission = status(403, "Forbidden", said.replace('" cannot', "\ncannot"))
    assert refusal(server, cluster, 403, by_admission).reason is RefusalReason.DENIED


def test_half_of_a_surrogate_pair_names_nobody(server: Hostile, cluster: KubernetesCluster) -> None:
    """It is escaped twice, so that the JSON of the answer is right, and no report can hold it."""
    cause = {"reason": "FieldManagerConflict", "message": 'conflict with "\\ud800"', "field": ".a"}
    refused = refusal(server, cluster, 409, status(409, "Conflict", "no", causes=[cause]))
    assert [each.manager for each in refused.causes] == ["\\ud800"]


@pytest.mark.parametrize(
    "odd",
    [
        {"message": 5, "reason": [], "details": "x"},
        {"message": {}, "details": {"causes": 5, "name": []}},
        {"details": {"causes": [None, 5, "x", {"reason": [], "message": {}, "field": 1}]}},
        {"details": {"retryAfterSeconds": "x", "kind": {}}},
        {"details": {"retryAfterSeconds": 10**400}},
    ],
    ids=lambda odd: str(odd)[:40],
)
@pytest.mark.parametrize("code", [400, 403, 404, 409, 410, 422, 429, 500, 503, 599])
def test_a_status_of_other_types(
    server: Hostile, cluster: KubernetesCluster, odd: dict[str, Any], code: int
) -> None:
    refused = refusal(server, cluster, code, status(code) | odd)
    assert refused.message
