"""SARIF 2.1.0, for code scanning: findings, and what needs attention in the cluster, at their places in git."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from reconciler.errors import ExitCode
from reconciler.model.codes import CODES
from reconciler.model.command import Invocation
from reconciler.model.document import JsonObject
from reconciler.model.finding import Severity
from reconciler.model.location import Location
from reconciler.model.run import EnvironmentRun, Run
from reconciler.report import ReportFormat, Style
from reconciler.reports._issues import STOPPED, Issue, issues
from reconciler.reports._json_text import json_text
from reconciler.reports._words import clean

_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTICE: "note"}
_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_ENDED: Final = (ExitCode.OK, ExitCode.DIFFERENCES, ExitCode.INVALID)


def render(run: Run, style: Style) -> str:
    # An environment that stopped is no finding on a file: it is in the invocation.
    shown = [issue for issue in issues(run, style) if issue.code != STOPPED]
    codes = sorted({issue.code for issue in shown})
    driver = {
        "name": "provider-reconciler",
        "version": clean(run.version),
        "rules": [_rule(code) for code in codes],
    }
    return json_text(
        {
            "$schema": _SCHEMA,
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {"driver": driver},
                    "automationDetails": {"id": f"provider-reconciler/{run.verb.name}/"},
                    "invocations": [_invocation(run)],
                    "columnKind": "unicodeCodePoints",
                    "results": [_result(issue, codes.index(issue.code)) for issue in shown],
                }
            ],
        }
    )


def _rule(code: str) -> JsonObject:
    rule: JsonObject = {"id": clean(code)}
    if code in CODES:
        rule["shortDescription"] = {"text": CODES[code].title}
    if code.isupper():  # other codes are words of the reports
        rule["help"] = {"text": Invocation().command("explain", clean(code))}
    return rule


def _invocation(run: Run) -> JsonObject:
    return {
        "executionSuccessful": all(each.exit_code in _ENDED for each in run.environments),
        "exitCode": int(run.exit_code),
        "toolExecutionNotifications": [_stopped(e) for e in run.environments if e.error],
    }


def _stopped(environment: EnvironmentRun) -> JsonObject:
    message = environment.error.message if environment.error else ""
    return {"level": "error", "message": {"text": clean(f"{environment.name}: {message}")}}


def _result(issue: Issue, rule: int) -> JsonObject:
    return {
        "ruleId": clean(issue.code),
        "ruleIndex": rule,
        "level": _LEVELS[issue.severity],
        "message": {"text": issue.message},
        "locations": [_location(issue.where)],
        "relatedLocations": [
            _location(place) | {"id": number} for number, place in enumerate(issue.also)
        ],
        "partialFingerprints": {"providerReconciler/v1": issue.fingerprint},
    }


def _location(place: Location) -> JsonObject:
    path = quote(place.path.encode(errors="replace"), safe="/")
    if place.path.startswith("/"):
        artifact: JsonObject = {"uri": f"file://{path}"}
    else:
        artifact = {"uri": path or "unknown", "uriBaseId": "%SRCROOT%"}
    physical: JsonObject = {"artifactLocation": artifact}
    if place.line:
        physical["region"] = _region(place)
    return {"physicalLocation": physical}


def _region(place: Location) -> JsonObject:
    region: JsonObject = {"startLine": place.line}
    if place.column:
        region["startColumn"] = place.column
        if place.length:
            region["endColumn"] = place.column + place.length
    return region


FORMAT = ReportFormat("sarif", render)
