"""One mistake is told once, however many objects and environments have it."""

from __future__ import annotations

from dataclasses import replace

from reconciler.errors import ExitCode
from reconciler.model.finding import Finding, Severity
from reconciler.model.identity import ObjectRef
from reconciler.model.location import Location
from reconciler.model.run import EnvironmentRun
from reconciler.reports._findings import FindingGroup, details, together

TEMPLATE = Location("templates/claude.yaml.j2", 7, 3)


def finding_of(name: str, namespace: str = "llm", value: int = 0) -> Finding:
    ref = ObjectRef("omnia.altairalabs.ai", "Provider", namespace, name)
    also = (Location("environments/base/values.yaml", value, 5),) if value else ()
    return Finding(
        "K8S002", Severity.ERROR, "there is no modle", TEMPLATE, ref, "spec.modle", also=also
    )


def lines(finding: FindingGroup) -> list[str]:
    return list(details(finding, several=len(finding.environments) > 1))


def groups_of(**environments: tuple[Finding, ...]) -> tuple[FindingGroup, ...]:
    runs = (EnvironmentRun(n, ExitCode.INVALID, findings=d) for n, d in environments.items())
    return together(tuple(runs))


def test_one_line_of_a_template_that_makes_many_objects() -> None:
    (finding,) = groups_of(
        dev=tuple(finding_of(name, value=n) for n, name in enumerate("abcde", 3))
    )
    (line,) = lines(finding)
    assert line.strip().startswith("Provider llm/a, llm/b, llm/c and 2 more, spec.modle, from ")
    assert line.count("values.yaml:") == 5


def test_environments_with_namespaces_of_their_own() -> None:
    (finding,) = groups_of(dev=(finding_of("a", "llm-dev"),), prod=(finding_of("a", "llm"),))
    assert [line.strip() for line in lines(finding)] == [
        "Provider llm-dev/a, llm/a, spec.modle",
        "in: dev, prod",
    ]


def test_what_differs_is_told_apart() -> None:
    other = replace(finding_of("a"), message="there is no modell")
    elsewhere = replace(finding_of("a"), where=replace(TEMPLATE, line=8))
    worse = replace(finding_of("a"), severity=Severity.NOTICE)
    assert len(groups_of(dev=(finding_of("a"), other, elsewhere, worse))) == 4
