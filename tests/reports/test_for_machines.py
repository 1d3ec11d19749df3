"""SARIF, annotations of GitHub, Code Quality of GitLab and JUnit XML: read as their readers read them."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest
import sarif_pydantic
from hypothesis import HealthCheck, given, settings
from pydantic import BaseModel

from reconciler.errors import ExitCode
from reconciler.model.change import State
from reconciler.model.finding import Finding, Severity
from reconciler.model.location import Location
from reconciler.model.resolution import ConsumerSecret, Copy
from reconciler.model.rotation import Rotation
from reconciler.model.run import EnvironmentRun, Run
from reconciler.model.verbs import VALIDATE
from reconciler.report import Style
from reconciler.reports import FORMATS
from reconciler.reports._issues import issues
from tests.reports.anything import RUNS
from tests.reports.scenarios import HOSTILE, REVISION, SCENARIOS, hostile

every_scenario = pytest.mark.parametrize("scenario", sorted(SCENARIOS))
any_run = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def rendered(name: str, run: Run, style: Style | None = None) -> str:
    return FORMATS[name].render(run, style or Style())


def with_findings(*findings: Finding, names: tuple[str, ...] = ("prod",)) -> Run:
    environments = tuple(
        EnvironmentRun(name, ExitCode.INVALID, findings=findings) for name in names
    )
    return Run(VALIDATE, "1.0", REVISION, environments)


def finding(number: int, severity: Severity = Severity.ERROR, **more: Any) -> Finding:
    where = Location("templates/a.yaml.j2", number, 3, 4)
    return Finding("FL011", severity, f"finding {number}", where, **more)


# SARIF

# Keys of SARIF 2.1.0 that the library does not have: of an invocation, and of a run.
OF_THE_STANDARD = {"exitCode", "toolExecutionNotifications", "columnKind"}


def sarif(run: Run, style: Style | None = None) -> dict[str, Any]:
    """The log, once a library has read it and knows every key in it."""
    log = json.loads(rendered("sarif", run, style))
    assert unknown(sarif_pydantic.Sarif.model_validate(log)) <= OF_THE_STANDARD
    return log


def unknown(value: Any) -> set[str]:
    """The keys that no model of the library declares."""
    if isinstance(value, list):
        return set().union(*map(unknown, value), set())
    if not isinstance(value, BaseModel):
        return set()
    stored = set(value.model_extra or {})
    for name in type(value).model_fields:
        stored |= unknown(getattr(value, name))
    return stored


def keeps_the_rules(log: dict[str, Any]) -> None:
    """What the standard and GitHub's upload ask for, beyond the types."""
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(rules)) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        assert len(result["locations"]) == 1
        for place in (*result["locations"], *result["relatedLocations"]):
            uri = place["physicalLocation"]["artifactLocation"]["uri"]
            assert re.fullmatch(r"(file:///)?[A-Za-z0-9._~%/!$&'()*+,;=@-]+", uri), uri
            region = place["physicalLocation"].get("region", {})
            assert all(number >= 1 for number in region.values())
    prints = [result["partialFingerprints"]["providerReconciler/v1"] for result in run["results"]]
    assert len(set(prints)) == len(prints)


@every_scenario
def test_a_library_reads_the_sarif_of_every_scenario(scenario: str) -> None:
    keeps_the_rules(sarif(SCENARIOS[scenario]()))


@any_run
@given(run=RUNS)
def test_a_library_reads_the_sarif_of_any_run(run: Run) -> None:
    keeps_the_rules(sarif(run))


def test_a_result_has_its_place_in_the_repository() -> None:
    where = Location("templates/a b#1.yaml.j2", 7, 5, 3)
    also = (Location("environments/prod/values.yaml", 2, 1),)
    run = with_findings(
        Finding("FL011", Severity.WARNING, "wrong", where, also=also, hint="fix it")
    )
    (result,) = sarif(run, Style(folder="config"))["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert unquote(place["artifactLocation"]["uri"]) == "config/templates/a b#1.yaml.j2"
    assert place["artifactLocation"]["uriBaseId"] == "%SRCROOT%"
    assert place["region"] == {"startLine": 7, "startColumn": 5, "endColumn": 8}
    related = result["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert related == "config/environments/prod/values.yaml"
    assert (result["level"], result["message"]["text"]) == ("warning", "wrong. Help: fix it")


def test_drift_is_a_result_where_git_sets_the_field() -> None:
    results = sarif(SCENARIOS["drift"]())["runs"][0]["results"]
    (drift,) = (result for result in results if result["ruleId"] == "drift")
    place = drift["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].startswith("environments/prod/")
    assert "kubectl-edit" in drift["message"]["text"]


def test_an_environment_that_stopped_is_in_the_invocation() -> None:
    (run,) = sarif(SCENARIOS["stopped"]())["runs"]
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    assert invocation["exitCode"] == ExitCode.CLUSTER
    (note,) = invocation["toolExecutionNotifications"]
    assert note["message"]["text"].startswith("prod: the API server did not answer")
    assert all(result["ruleId"] != "stopped" for result in run["results"])


def test_an_issue_keeps_its_fingerprint_while_lines_above_it_come_and_go() -> None:
    moved = replace(finding(1), where=Location("templates/a.yaml.j2", 30, 3, 4))
    (before,), (after,) = (issues(with_findings(f), Style()) for f in (finding(1), moved))
    assert before.fingerprint == after.fingerprint
    both = issues(with_findings(finding(1), finding(2)), Style())
    assert both[0].fingerprint == before.fingerprint != both[1].fingerprint


# GitHub


COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def annotations(run: Run) -> list[tuple[str, dict[str, str], str]]:
    """The annotations, as GitHub's runner reads the lines."""
    read = []
    *lines, last = rendered("github", run).splitlines()
    assert re.fullmatch(r"[\d,]+ annotations? in all", last)
    for line in lines:
        assert "##[" not in line
        if command := COMMAND.fullmatch(line):
            properties = dict(pair.split("=", 1) for pair in command[2].split(","))
            read.append(
                (
                    command[1],
                    {k: unescaped(v) for k, v in properties.items()},
                    unescaped(command[3]),
                )
            )
        else:
            assert re.fullmatch(r"[\d,]+ more (error|warning|notice)s? without an annotation", line)
    return read


def unescaped(text: str) -> str:
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


def test_an_annotation_marks_the_place() -> None:
    where = Location("templates/100%, a:b.yaml", 7, 5, 3)
    run = with_findings(Finding("FL011", Severity.NOTICE, "50%25, or: more", where))
    properties = {
        "file": where.path, "line": "7", "col": "5", "endColumn": "8", "title": "FL011",
    }  # fmt: skip
    assert annotations(run) == [("notice", properties, "50%25, or: more")]


def test_the_worst_ten_of_each_kind_are_annotated_and_the_others_counted() -> None:
    many = [finding(n, severity) for severity in Severity for n in range(1, 13)]
    text = rendered("github", with_findings(*reversed(many)))
    kinds = [kind for kind, _, _ in annotations(with_findings(*many))]
    assert kinds == ["error"] * 10 + ["warning"] * 10 + ["notice"] * 10
    assert "2 more errors without an annotation\n" in text
    assert text.endswith("36 annotations in all\n")
    assert rendered("github", with_findings(finding(1))).endswith("1 annotation in all\n")


@pytest.mark.parametrize(
    "text", [*HOSTILE, "a\n::error::fake", "x,file=/etc/passwd", "a::b", "%0A::error::x"]
)
def test_no_text_adds_an_annotation_or_a_property(text: str) -> None:
    run = hostile(text)
    read = annotations(run)
    kinds = Counter(issue.severity.value for issue in issues(run, Style()))
    assert Counter(kind for kind, _, _ in read) == {k: min(10, n) for k, n in kinds.items()}
    for _, properties, _ in read:
        assert set(properties) <= {"file", "line", "col", "endColumn", "title"}


@any_run
@given(run=RUNS)
def test_the_runner_reads_the_annotations_of_any_run(run: Run) -> None:
    annotations(run)


# GitLab


def violations(run: Run) -> list[dict[str, Any]]:
    """The violations, with what GitLab requires of each."""
    report = json.loads(rendered("gitlab", run))
    for each in report:
        assert each["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert all(
            isinstance(each[key], str) for key in ("description", "check_name", "fingerprint")
        )
        assert not each["location"]["path"].startswith("./")
        assert each["location"]["lines"]["begin"] >= 1
    assert len({each["fingerprint"] for each in report}) == len(report)
    return report  # type: ignore[no-any-return]


@every_scenario
def test_gitlab_gets_what_it_requires(scenario: str) -> None:
    run = SCENARIOS[scenario]()
    assert len(violations(run)) == len(issues(run, Style()))


def test_a_violation_has_its_place_and_severity() -> None:
    (violation,) = violations(with_findings(finding(4, hint="fix it")))
    assert violation["location"] == {
        "path": "templates/a.yaml.j2",
        "lines": {"begin": 4},
        "positions": {"begin": {"line": 4, "column": 3}, "end": {"line": 4, "column": 7}},
    }
    assert violation["severity"] == "critical"
    assert violation["description"] == "FL011: finding 4. Help: fix it"


# JUnit


def suites(run: Run) -> ET.Element:
    """The document, with the counts that it states."""
    root = ET.fromstring(rendered("junit", run))
    assert root.tag == "testsuites"
    assert [suite.tag for suite in root] == ["testsuite"] * len(run.environments)
    for parent, cases in [(root, list(root.iter("testcase"))), *((s, list(s)) for s in root)]:
        assert int(parent.get("tests", "")) == len(cases)
        assert int(parent.get("failures", "")) == sum(
            case.find("failure") is not None for case in cases
        )
        assert int(parent.get("errors", "")) == sum(
            case.find("error") is not None for case in cases
        )
    return root


@every_scenario
def test_junit_counts_what_it_lists(scenario: str) -> None:
    suites(SCENARIOS[scenario]())


@any_run
@given(run=RUNS)
def test_any_run_is_well_formed_xml(run: Run) -> None:
    suites(run)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_adds_an_element(text: str) -> None:
    tags = {element.tag for element in suites(hostile(text)).iter()}
    assert tags <= {"testsuites", "testsuite", "testcase", "failure", "error", "system-out"}


def cases(run: Run) -> dict[tuple[str, str], ET.Element]:
    """By class and name, which identify a case in the history of a CI system."""
    every = list(suites(run).iter("testcase"))
    named = {(case.get("classname", ""), case.get("name", "")): case for case in every}
    assert len(named) == len(every)
    return named


def test_what_someone_has_to_act_on_fails_and_the_rest_passes() -> None:
    of = cases(SCENARIOS["drift"]())
    drift = of["prod.live", "ModelProvider llm/gateway"]
    failure = drift.find("failure")
    assert failure is not None
    assert "kubectl-edit" in (failure.text or "")
    assert drift.get("file", "").startswith("environments/prod/")
    assert len(of["prod.manifest", "ModelProvider llm/gateway"]) == 0
    assert of["prod.keys", "ModelProvider llm/vertex"].find("system-out") is not None
    assert len(of["prod.live", "Provider omnia/steady-1"]) == 0


def test_a_rotation_fails_its_own_case_if_it_fails_the_run() -> None:
    run = SCENARIOS["drift"]()
    (environment,) = run.environments
    rotated = tuple(row for row in environment.secrets if row.rotation is Rotation.ROTATED)
    alone = replace(environment, changes=(), secrets=rotated, exit_code=ExitCode.DIFFERENCES)
    for reasons, fails in [(("open rotation",), True), (("not checked",), False)]:
        failing = replace(alone, exit_reasons=reasons)
        of = cases(replace(run, environments=(failing,)))
        case = of["prod.keys", "ModelProvider llm/vertex"]
        assert (case.find("failure") is not None, case.find("system-out") is not None) == (
            fails,
            not fails,
        )
        assert (of["prod.run", "environment"].find("failure") is None) is fails


def test_the_name_of_a_case_is_complete() -> None:
    run = SCENARIOS["drift"]()
    (environment,) = run.environments
    row = environment.secrets[0]
    owners = [replace(row.owner, name="n" * 252 + end) for end in "ab"]
    rows = tuple(replace(row, owner=owner) for owner in owners)
    of = cases(replace(run, environments=(replace(environment, changes=(), secrets=rows),)))
    names = {name for check, name in of if check == "prod.keys"}
    assert {name.rpartition("/")[2] for name in names} == {owner.name for owner in owners}


def test_the_cases_have_the_same_names_when_drift_and_rotations_come_and_go() -> None:
    run = SCENARIOS["drift"]()
    (environment,) = run.environments
    row = environment.secrets[0]
    calm = replace(
        environment,
        changes=tuple(
            replace(change, state=State.UNCHANGED, differences=()) for change in environment.changes
        ),
        secrets=tuple(
            replace(row, owner=each.owner, reference=each.reference) for each in environment.secrets
        ),
    )
    before, after = cases(run), cases(replace(run, environments=(calm,)))
    assert before.keys() == after.keys()
    assert [k for k in before if len(before[k])] != [k for k in after if len(after[k])]


def test_a_key_that_only_consumers_read_has_its_case_whatever_is_said_of_it() -> None:
    """The operator of the provider reads no Secret, so there is no row of its own."""
    run = SCENARIOS["drift"]()
    (environment,) = run.environments
    row = next(each for each in environment.secrets if each.rotation is Rotation.ROTATED)
    owner = replace(row.owner, name="by-its-pods")
    (affected, *_) = environment.affected
    read = ConsumerSecret(affected.consumer, owner, row.reference, row.reading, Copy.SAME)
    news = replace(row, owner=owner, rotation=Rotation.OTHER_KEY, readers=(affected.consumer,))
    calm = replace(environment, consumer_secrets=(read,))
    named = [
        cases(replace(run, environments=(each,))).keys()
        for each in (
            calm,
            replace(calm, consumer_secrets=(replace(read, copy=Copy.NO_COPY),)),
            replace(calm, secrets=(*environment.secrets, news)),
        )
    ]
    assert ("prod.keys", f"{owner.kind} {owner.namespace}/by-its-pods") in named[0]
    assert named[0] == named[1] == named[2]


def test_a_consumer_with_the_name_of_a_kind_in_git_changes_no_name() -> None:
    """They are listed when a key is rotated, or another key of its Secret is read."""
    run = SCENARIOS["drift"]()
    (environment,) = run.environments
    (affected, *_) = environment.affected
    same = replace(
        affected, consumer=replace(affected.consumer, group="x.example", kind="Provider")
    )
    more = replace(environment, affected=(*environment.affected, same))
    assert cases(run).keys() == cases(replace(run, environments=(more,))).keys()


def test_the_same_object_of_two_environments_is_two_cases() -> None:
    run = SCENARIOS["drift"]()
    (environment,) = run.environments
    both = replace(run, environments=(environment, replace(environment, name="dev")))
    assert len(cases(both)) == 2 * len(cases(run))


def test_a_valid_environment_is_a_case_that_passed() -> None:
    assert {key: len(case) for key, case in cases(with_findings()).items()} == {
        ("prod.run", "environment"): 0
    }
    (stopped, _, *_) = suites(SCENARIOS["stopped"]())
    assert stopped.find("testcase/error") is not None


def test_a_run_of_5000_issues_is_complete() -> None:
    run = with_findings(*(finding(n) for n in range(1, 5_001)))
    assert len(sarif(run)["runs"][0]["results"]) == len(violations(run)) == 5_000
    (case,) = cases(run).values()
    assert len((case.findtext("failure") or "").splitlines()) == 5_000


def test_a_run_that_fails_for_no_issue_fails_a_case() -> None:
    held = replace(
        SCENARIOS["in-sync"]().environments[0], exit_code=ExitCode.PARTIAL, exit_reasons=("held",)
    )
    run = replace(SCENARIOS["in-sync"](), environments=(held,))
    (case,) = [each for each in suites(run).iter("testcase") if each.find("failure") is not None]
    assert (case.get("classname"), case.find("failure").get("message")) == ("prod.run", "held")  # type: ignore[union-attr]  # it was just found
