"""JSON: the machine interface, described by `report.schema.json` beside this file.

All that differs between two equal runs is in the object `run`; the rest is deterministic.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Final

from reconciler.errors import UsageError
from reconciler.model.change import Result, State
from reconciler.model.document import Json, JsonObject, parsed
from reconciler.model.run import EnvironmentRun, Run
from reconciler.report import ReportFormat, Style
from reconciler.reports._codec import DecodeError, decode, encode
from reconciler.reports._json_text import json_text

SCHEMA_VERSION: Final = "1"
LARGEST_REPORT: Final = 32 * 1024 * 1024  # bytes of a report to read

_UNFINISHED: Final = "did the job that wrote it end too early, or did the disk fill up?"
_NO_REPORT: Final = "-o json=FILE of validate, diff, apply, drift, stamp or impact writes one"
_MOVING = ("started", "finished")  # attributes of a Run that differ between equal runs


def render(run: Run, _: Style) -> str:
    body: JsonObject = encode(run)
    moving = {name: body.pop(name) for name in _MOVING}
    for environment, source in zip(body["environments"], run.environments, strict=True):
        environment["counts"] = _counts(source)
    report = {
        "schemaVersion": SCHEMA_VERSION,
        "run": moving | {"durationSeconds": run.seconds, "requests": _requests(run)},
        "exitCode": int(run.exit_code),
        **body,
        "dryRun": run.verb.dry_run,
        "recorded": run.verb.writes_record,
    }
    return json_text(report)


def run_from_json(text: str) -> Run:
    """The Run in a JSON report, so that a trusted job can render it again.

    The report may come from an untrusted job: its statements may be false, but formats treat every value as data.
    Reports of earlier and later versions can be read, without keys that this version does not know.

    Raises:
        UsageError: the text is too large, not JSON or not a report, or has a value that this version does not know.
    """
    if len(text.encode(errors="replace")) > LARGEST_REPORT:
        raise UsageError(f"the report is larger than {LARGEST_REPORT >> 20} MiB")
    if not text.strip():
        raise UsageError("the report is empty", hint=_UNFINISHED)
    try:
        return _read(parsed(text))
    except DecodeError as error:
        hint = "if a later version wrote it, read it with that version"
        raise UsageError(f"not a report of this version: {error}", hint=hint) from None
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
            raise UsageError("the report ends in the middle", hint=_UNFINISHED) from None
        raise UsageError("the report is not JSON", hint=_NO_REPORT) from None
    except ValueError:
        raise UsageError("the report is not JSON", hint=_NO_REPORT) from None


def _read(report: Json) -> Run:
    version = report.get("schemaVersion") if isinstance(report, dict) else None
    if not isinstance(report, dict) or not isinstance(version, str) or "environments" not in report:
        raise UsageError("this is JSON, but not a report", hint=_NO_REPORT)
    if version != SCHEMA_VERSION:
        raise DecodeError(f"schemaVersion is not {SCHEMA_VERSION}")
    moving = report.get("run")
    if not isinstance(moving, dict):
        raise DecodeError("report has no run")
    run = _counted(
        decode(Run, report | {name: moving[name] for name in _MOVING if name in moving}),
        moving.get("requests"),
    )
    if report.get("dryRun"):
        return replace(run, verb=run.verb.as_dry_run())
    return replace(run, verb=run.verb.recording()) if report.get("recorded") else run


def _requests(run: Run) -> list[JsonObject]:
    return [
        {"environment": each.name, "number": each.requests}
        for each in run.environments
        if each.requests is not None
    ]


def _counted(run: Run, requests: Json) -> Run:
    """The run with the number of requests of each environment."""
    rows = [row for row in requests if isinstance(row, dict)] if isinstance(requests, list) else []
    numbers = {
        str(row.get("environment")): number
        for row in rows
        if type(number := row.get("number")) is int
    }
    environments = tuple(
        replace(each, requests=numbers.get(each.name)) for each in run.environments
    )
    return replace(run, environments=environments)


def _counts(environment: EnvironmentRun) -> JsonObject:
    states = Counter(c.state for c in environment.changes)
    results = Counter(o.result for o in environment.outcomes)
    return {
        "states": {state.value: states[state] for state in State},
        "results": {result.value: results[result] for result in Result},
        "unchecked": len(environment.unchecked),
        "affected": len({row.consumer for row in environment.affected if not row.is_provider}),
        "unmanaged": len(environment.unmanaged),
    }


FORMAT = ReportFormat("json", render)
