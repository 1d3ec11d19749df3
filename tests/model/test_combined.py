"""Several runs as one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.errors import ExitCode, UsageError
from reconciler.model.combined import combined
from reconciler.model.revision import Revision
from reconciler.model.run import EnvironmentRun, Run
from reconciler.model.verbs import DIFF, DRIFT, Verb

OLD, NEW = Revision("a" * 40, "main"), Revision("b" * 40, "main")


def run(
    *environments: EnvironmentRun, verb: Verb = DRIFT, at: int = 0, revision: Revision = OLD
) -> Run:
    return Run(
        verb, "1.0", revision, environments, f"2026-07-24T1{at}:00:00Z", f"2026-07-24T1{at}:00:09Z"
    )


def environment(name: str, code: ExitCode = ExitCode.OK, notes: str = "") -> EnvironmentRun:
    return EnvironmentRun(name, code, notes=(notes,) if notes else ())


def test_the_environments_of_all_are_in_their_order_and_the_worst_code_counts() -> None:
    runs = [
        run(environment("prod", ExitCode.DIFFERENCES), at=2),
        run(environment("dev"), environment("staging", ExitCode.CLUSTER), at=1),
    ]
    result = combined(runs)
    assert [each.name for each in result.environments] == ["prod", "dev", "staging"]
    assert result.exit_code == ExitCode.CLUSTER
    assert (result.started, result.finished) == ("2026-07-24T11:00:00Z", "2026-07-24T12:00:09Z")


def test_of_an_environment_the_newest_report_counts() -> None:
    old, new = run(environment("prod", notes="old"), at=1), run(environment("prod"), at=3)
    for runs in ([old, new], [new, old]):
        (result,) = combined(runs).environments
        assert result.notes == ()


def test_each_environment_keeps_the_revision_that_its_run_read() -> None:
    result = combined([run(environment("prod"), at=1), run(environment("dev"), at=2, revision=NEW)])
    assert result.revision == NEW
    assert [each.revision for each in result.environments] == [OLD, None]
    again = combined([result, run(environment("staging"), at=3, revision=OLD)])
    assert [each.revision for each in again.environments] == [None, NEW, None]


def test_reports_of_different_commands_are_refused() -> None:
    with pytest.raises(UsageError, match="different commands: diff, drift"):
        combined([run(environment("a")), run(environment("b"), verb=DIFF)])
    combined([run(environment("a")), run(environment("b"), verb=DRIFT.recording())])
    with pytest.raises(UsageError, match="no report"):
        combined([])


@pytest.mark.parametrize(
    ("expected", "messages"),
    [
        (["prod", "dev"], {}),
        (["2"], {}),
        (["1"], {}),
        (["prod", "eu"], {"eu": "there is no report of this environment"}),
        (["3"], {"2 of 3": "1 report is missing"}),
        (["5"], {"2 of 5": "3 reports are missing"}),
    ],
)
def test_a_missing_report_is_an_environment_that_failed(
    expected: list[str], messages: dict[str, str]
) -> None:
    result = combined([run(environment("prod")), run(environment("dev"))], expected)
    missing = result.environments[2:]
    assert {each.name: each.error.message for each in missing if each.error} == messages
    assert result.exit_code == (ExitCode.SOURCE if messages else ExitCode.OK)
    assert replace(result, environments=result.environments[:2]).exit_code == ExitCode.OK
