"""JUnit XML, which every CI system shows: a suite for each environment, a case for each object and each finding.

What someone has to act on is a failure; an environment that stopped is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from reconciler.errors import ExitCode
from reconciler.model.finding import Severity
from reconciler.model.identity import ObjectRef
from reconciler.model.run import EnvironmentRun, Run
from reconciler.report import ReportFormat, Style
from reconciler.reports._entries import names_in
from reconciler.reports._issues import STOPPED, Issue, issues
from reconciler.reports._words import clean, short
from reconciler.text.printable import no_commands

_LONGEST_NAME = 200  # characters of the name of a case


def render(run: Run, style: Style) -> str:
    root = Element("testsuites", {"name": f"reconciler {run.verb.name}"})
    for environment in run.environments:
        root.append(_suite(run, environment, style))
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    indent(root)
    declaration = '<?xml version="1.0" encoding="UTF-8"?>'
    return no_commands(f"{declaration}\n{tostring(root, encoding='unicode')}") + "\n"


def _suite(run: Run, environment: EnvironmentRun, style: Style) -> Element:
    suite = Element("testsuite", {"name": clean(environment.name)})
    ours = issues(Run(run.verb, run.version, run.revision, (environment,)), style)
    failing: set[ObjectRef] = set()
    for issue in ours:
        suite.append(_case(issue))
        failing |= set(issue.objects)
    suite.extend(_passed(environment, failing))
    if (
        _fails(run, environment)
        and suite.find("*/failure") is None
        and suite.find("*/error") is None
    ):
        case = SubElement(suite, "testcase", {"classname": "run", "name": "exit code"})
        words = clean(", ".join(environment.exit_reasons))
        SubElement(case, "failure", {"message": words, "type": "exit"})
    if not len(suite):
        SubElement(suite, "testcase", {"classname": "sources", "name": "valid"})
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", str(len(suite.findall("testcase/error"))))
    return suite


def _fails(run: Run, environment: EnvironmentRun) -> bool:
    """Whether the run failed for a reason that is no issue. Differences are what a diff is for."""
    code = environment.exit_code
    differs = run.verb.fails_on_differences and code is ExitCode.DIFFERENCES
    return bool(environment.exit_reasons) and code is not ExitCode.OK and not differs


def _case(issue: Issue) -> Element:
    name = short(f"{issue.where}: {issue.message}", _LONGEST_NAME)
    case = Element("testcase", {"classname": clean(issue.code), "name": name})
    case.set("file", clean(issue.where.path))
    if issue.where.line:
        case.set("line", str(issue.where.line))
    text = f"{clean(str(issue.where))}: {issue.message}"
    if issue.severity is Severity.ERROR:
        failure = SubElement(case, "error" if issue.code == STOPPED else "failure")
        failure.set("message", issue.message)
        failure.set("type", clean(issue.code))
        failure.text = text
    else:
        SubElement(case, "system-out").text = text
    return case


def _passed(environment: EnvironmentRun, failing: set[ObjectRef]) -> Iterator[Element]:
    names = names_in(environment)
    for change in environment.changes:
        if change.ref not in failing:
            name = clean(f"{names.object(change.ref)} {change.state.value}")
            yield Element("testcase", {"classname": "object", "name": name})


FORMAT = ReportFormat("junit", render)
