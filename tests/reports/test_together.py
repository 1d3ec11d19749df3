"""One change of git that touches many objects is shown once, with all of them; several environments have a table."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from reconciler.errors import ExitCode
from reconciler.model.change import Action, Outcome, Result, State
from reconciler.model.difference import Why
from reconciler.model.identity import GroupKind
from reconciler.model.impact import Affected, Consequence, Effect
from reconciler.model.run import EnvironmentRun, Run
from reconciler.model.verbs import APPLY, DIFF, VALIDATE
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.reports.scenarios import LAYER, change, environment, field, omnia, run, values_layer


def printed(shown: Run, name: str = "text", *, verbose: bool = False) -> str:
    return FORMATS[name].render(shown, Style(verbose=verbose))


def only_prod(shown: Run) -> Run:
    return replace(shown, environments=shown.environments[:1])


@pytest.mark.parametrize("name", ["text", "markdown"])
def test_the_change_is_there_once_and_every_object_is_named(name: str) -> None:
    text = printed(only_prod(values_layer()), name)
    assert text.count("claude-sonnet-4-5") == 1
    assert text.count("environments/base/values.yaml:3:9") == 1
    assert "CHANGED" in text
    for number in range(1, 14):
        assert f"omnia/agent-{number:02}" in text
    assert text.count("60s") == 1, "what one of them changes besides is its own"


def test_json_has_each_object_with_its_change() -> None:
    body = json.loads(printed(only_prod(values_layer()), "json"))
    changes = body["environments"][0]["changes"]
    assert [len(each["differences"]) for each in changes].count(1) == 12
    assert sum(bool(each["differences"]) for each in changes) == 13


def with_differences(*paths_of_each: tuple[object, ...]) -> EnvironmentRun:
    changes = tuple(
        change(omnia(f"p{n}"), State.CHANGED, Action.UPDATE, differences=differences)
        for n, differences in enumerate(paths_of_each)
    )
    return environment(changes=changes, objects=len(changes))


def test_only_the_same_change_of_the_same_line_is_joined() -> None:
    same = replace(field("spec.model", "a", "b"), where=LAYER)
    elsewhere = replace(same, where=replace(LAYER, line=9))
    otherwise = field("spec.model", "x", "b")
    text = printed(run(DIFF, with_differences((same,), (elsewhere,), (otherwise,))))
    assert text.count("CHANGED     Provider") == 3
    assert "objects\n" not in text


def test_what_someone_else_changed_stays_with_its_object() -> None:
    drift = field("spec.model", "a", "b", Why.DRIFT)
    changes = tuple(
        change(omnia(f"p{n}"), State.DRIFTED, Action.UPDATE, differences=(drift,)) for n in range(3)
    )
    text = printed(run(DIFF, environment(changes=changes, objects=3)))
    assert text.count("DRIFT  ") == 3


def test_objects_that_share_several_lines_are_one_entry() -> None:
    edited = replace(field("spec.model", "a", "b"), where=LAYER)
    two = replace(field("spec.timeout", "1s", "2s"), where=replace(LAYER, line=4))
    text = printed(run(DIFF, with_differences((edited, two), (edited, two), (edited,))))
    assert text.count("CHANGED ") == 2
    assert "of Provider omnia/p0, Provider omnia/p1 and Provider omnia/p2\n" in text
    assert "of Provider omnia/p0 and Provider omnia/p1\n" in text


def test_after_an_apply_a_failed_object_keeps_its_own_entry() -> None:
    shared = replace(field("spec.model", "a", "b"), where=LAYER)
    shown = with_differences((shared,), (shared,), (shared,))
    results = (Result.CONFIGURED, Result.CONFIGURED, Result.FAILED)
    outcomes = tuple(
        Outcome(each.ref, result, "no route" if result is Result.FAILED else "")
        for each, result in zip(shown.changes, results, strict=True)
    )
    text = printed(run(APPLY, replace(shown, outcomes=outcomes)))
    assert "CONFIGURED  2 objects\n" in text
    assert "FAILED      Provider omnia/p2\n" in text
    assert "prod: 2 configured, 1 failed, 1 finding needs attention\n" in text


def test_their_consumers_are_counted_together() -> None:
    shared = replace(field("spec.model", "a", "b"), where=LAYER)
    shown = with_differences((shared,), (shared,))
    kind = GroupKind("agent.flokoa.ai", "Agent")
    consumer = replace(omnia("support", "llm"), group=kind.group, kind=kind.kind)
    restarts = Consequence(Effect.RESTARTS)
    rows = tuple(
        Affected(root=each.ref, consumer=consumer, through=(), path="spec.x", on_change=restarts)
        for each in shown.changes
    )
    text = printed(run(DIFF, replace(shown, affected=rows)))
    assert text.count("affects 1 Agent") == 1


def test_thousands_of_objects_are_named_only_with_v() -> None:
    shared = replace(field("spec.model", "a", "b"), where=LAYER)
    shown = run(DIFF, with_differences(*[(shared,)] * 30))
    assert "and 10 more\n" in printed(shown)
    assert "omnia/p29" in printed(shown, verbose=True)


class TestOverview:
    """The table on top."""

    def test_each_environment_has_a_row_with_its_exit_code_and_its_verdict(self) -> None:
        assert printed(values_layer()).splitlines()[:3] == [
            "ENVIRONMENT  EXIT  RESULT",
            "prod         1     13 objects change",
            "staging      1     1 object changes",
        ]
        rows = printed(values_layer(), "markdown").splitlines()[:4]
        assert rows == [
            "|  | environment | exit | result |",
            "| - | - | - | - |",
            "| ✏️ | `prod` | 1 | 13 objects change |",
            "| ✏️ | `staging` | 1 | 1 object changes |",
        ]

    @pytest.mark.parametrize("name", ["text", "markdown"])
    def test_one_environment_needs_none(self, name: str) -> None:
        assert "result" not in printed(only_prod(values_layer()), name).lower()

    def test_a_check_has_one_line_per_environment_anyway(self) -> None:
        both = (environment(), environment("staging", ExitCode.OK))
        assert "ENVIRONMENT" not in printed(run(VALIDATE, *both))
