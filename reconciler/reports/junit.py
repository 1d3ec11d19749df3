"""JUnit XML, which every CI system shows: a suite for each environment, a case for each check of each object.

A CI system compares runs by the names of the cases, so these say nothing that varies: what a run says of an object is
in its case. What someone has to act on is a failure; an environment that stopped is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from reconciler.errors import ExitCode
from reconciler.model import reasons
from reconciler.model.finding import Severity
from reconciler.model.identity import Names
from reconciler.model.run import EnvironmentRun, Run
from reconciler.report import ReportFormat, Style
from reconciler.reports._issues import STOPPED, Check, Issue, issues
from reconciler.reports._words import clean
from reconciler.text.printable import no_commands

_LONGEST_NAME = 600  # characters of the name of a case, more than any object has
_FAILING = {  # what is no error, but fails a run that says so
    (Check.KEYS, "rotated"): reasons.ROTATION_OPEN,
    (Check.KEYS, "other-key"): reasons.ROTATION_OPEN,
    (Check.KEYS, "re-keyed"): reasons.KEY_REPLACED,
    (Check.KEYS, "unreadable"): reasons.UNREADABLE,
    (Check.LIVE, "not-ready"): reasons.NOT_READY,
    (Check.LIVE, "held"): reasons.HELD,
    (Check.LIVE, "waiting"): reasons.WAITING,
}
_ALL = "environment"  # the case of what is about no object
_Cases = dict[tuple[str, str], list[Issue]]  # by check and object


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
    fails = _fails(run, environment)
    failing = frozenset(environment.exit_reasons if fails else ())
    for (check, name), group in _cases(run, environment, style).items():
        # In one job, several environments have the same objects.
        where = {"classname": clean(f"{environment.name}.{check}"), "name": name}
        suite.append(_case(where, group, failing))
    if fails and not suite.findall("*/failure") + suite.findall("*/error"):
        words = clean(", ".join(environment.exit_reasons))
        SubElement(suite[0], "failure", {"message": words, "type": "exit"})
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", str(len(suite.findall("testcase/error"))))
    return suite


def _cases(run: Run, environment: EnvironmentRun, style: Style) -> _Cases:
    """Every check that the run made, with what it says; the first is that of the environment."""
    names = _names(environment)
    cases: _Cases = {("run", _ALL): []}
    for change in environment.changes:
        name = _named(names.object(change.ref))
        cases |= {(Check.MANIFEST, name): [], (Check.LIVE, name): []}
    owners = [row.owner for row in environment.secrets]
    owners += [row.provider for row in environment.consumer_secrets]  # their operator may read none
    cases |= {(Check.KEYS, _named(names.object(owner))): [] for owner in owners}
    for issue in issues(Run(run.verb, run.version, run.revision, (environment,)), style):
        checked: list[tuple[str, str]] = [
            (issue.check, _named(names.object(ref))) for ref in issue.objects
        ]
        for case in checked or [("run", _ALL)]:
            cases.setdefault(case, []).append(issue)
    return cases


def _names(environment: EnvironmentRun) -> Names:
    """Those of git's objects alone, so that a consumer, or what somebody else made, changes no name."""
    refs = {change.ref for change in environment.changes}
    refs |= {row.owner for row in environment.secrets}
    refs |= {finding.ref for finding in environment.findings if finding.ref}
    return Names.among(ref.group_kind for ref in refs)


def _named(text: str) -> str:
    return clean(text)[:_LONGEST_NAME]


def _fails(run: Run, environment: EnvironmentRun) -> bool:
    """Whether the run failed. Differences are what a diff is for."""
    code = environment.exit_code
    differs = run.verb.fails_on_differences and code is ExitCode.DIFFERENCES
    return bool(environment.exit_reasons) and code is not ExitCode.OK and not differs


def _case(where: dict[str, str], group: list[Issue], failing: frozenset[str]) -> Element:
    case = Element("testcase", where)
    if not group:
        return case
    errors = [issue for issue in group if _is_failure(issue, failing)]
    others = [issue for issue in group if not _is_failure(issue, failing)]
    first = (errors or others)[0]
    case.set("file", clean(first.where.path))
    if first.where.line:
        case.set("line", str(first.where.line))
    if errors:
        stopped = any(issue.code == STOPPED for issue in errors)
        failure = SubElement(case, "error" if stopped else "failure")
        failure.set("message", errors[0].message)
        failure.set("type", clean(errors[0].code))
        failure.text = "\n".join(_texts(errors))
    if others:
        SubElement(case, "system-out").text = "\n".join(_texts(others))
    return case


def _is_failure(issue: Issue, failing: frozenset[str]) -> bool:
    """Whether it is an error, or one of the reasons why the run fails."""
    return issue.severity is Severity.ERROR or _FAILING.get((issue.check, issue.code)) in failing


def _texts(group: list[Issue]) -> Iterator[str]:
    for issue in group:
        yield f"{clean(str(issue.where))}: {clean(issue.code)}: {issue.message}"


FORMAT = ReportFormat("junit", render)
