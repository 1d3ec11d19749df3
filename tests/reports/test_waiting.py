"""Objects that wait for a namespace or a CRD: one finding for what is missing, and what ends the wait."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.errors import ExitCode
from reconciler.model.change import Action, Awaited, Prerequisite, State
from reconciler.model.run import ClusterIdentity, Forecast, Run
from reconciler.model.verbs import APPLY, DIFF
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.reports.scenarios import FOLDER, change, environment, omnia, run, waiting


def printed(shown: Run, *, verbose: bool = False) -> str:
    return FORMATS["text"].render(shown, Style(verbose=verbose))


def namespace_lacks(number: int, cluster: ClusterIdentity) -> Run:
    awaited = Awaited(Prerequisite.NAMESPACE, "omnia")
    changes = tuple(
        change(omnia(f"p{n}"), State.WAITING, Action.SKIP, awaited=awaited) for n in range(number)
    )
    return run(DIFF, environment(changes=changes, objects=number, cluster=cluster))


def test_thirteen_objects_are_one_finding() -> None:
    text = printed(namespace_lacks(13, ClusterIdentity("prod-eu")))
    assert text.count("WAITING") == 1
    assert "13 objects wait for it: Provider omnia/p0, Provider omnia/p1" in text
    assert "and 8 more" in text
    assert "prod: 13 objects wait for a namespace, 1 finding needs attention\n" in text
    assert "p12" in printed(namespace_lacks(13, ClusterIdentity("prod-eu")), verbose=True)


def test_nobody_reads_that_there_is_nothing_to_change() -> None:
    states = (State.WAITING, State.INVALID, State.FAILED)
    for state in states:
        left = run(DIFF, environment(changes=(change(omnia("a"), state, Action.SKIP),)))
        assert "nothing to change" not in printed(left), state
    refused = change(omnia("a"), State.CONFLICT, Action.REFUSE)
    assert "nothing to change" not in printed(run(DIFF, environment(changes=(refused,))))
    kept = change(omnia("a"), State.KEPT, Action.SKIP)
    assert "nothing to change" in printed(run(DIFF, environment(changes=(kept,))))


@pytest.mark.parametrize(
    ("cluster", "awaited", "expected"),
    [
        (
            ClusterIdentity("c", context="prod-eu"),
            Awaited(Prerequisite.NAMESPACE, "llm"),
            "kubectl --context prod-eu create namespace llm",
        ),
        (
            ClusterIdentity("c"),
            Awaited(Prerequisite.NAMESPACE, "llm", leaving=True),
            "kubectl wait --for=delete namespace/llm",
        ),
        (FOLDER, Awaited(Prerequisite.NAMESPACE, "llm"), "mkdir .demo/dev/llm"),
        (
            ClusterIdentity("c"),
            Awaited(Prerequisite.CRD, "models.agent.flokoa.ai"),
            "install the operator that brings models.agent.flokoa.ai",
        ),
    ],
)
def test_what_ends_the_wait(cluster: ClusterIdentity, awaited: Awaited, expected: str) -> None:
    waits = change(omnia("a"), State.WAITING, Action.SKIP, awaited=awaited)
    shown = run(DIFF, environment(changes=(waits,), cluster=cluster))
    assert f"  fix      {expected}\n" in printed(shown)


def test_the_last_line_says_what_the_apply_would_end_with() -> None:
    assert printed(waiting()).endswith(
        "exit 6: prod: waiting for the cluster; staging: conflicts; "
        "apply would end with 8: prod: waiting for the cluster; staging: refused\n"
    )
    ahead = Forecast(ExitCode.PARTIAL, ("not ready",))
    fine = run(DIFF, environment(forecast=ahead))
    assert printed(fine).endswith("exit 0; apply would end with 6: not ready\n")
    assert "apply would end" not in printed(run(APPLY, environment(code=ExitCode.PARTIAL)))


def test_an_apply_counts_what_it_skipped_once() -> None:
    applied = replace(namespace_lacks(2, ClusterIdentity("c")), verb=APPLY)
    assert "wait for a namespace" not in printed(applied).splitlines()[-2]
