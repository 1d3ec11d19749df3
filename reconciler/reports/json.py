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
from reconciler.model.document import Json, JsonObject
from reconciler.model.run import EnvironmentRun, Run
from reconciler.report import ReportFormat, Style
from reconciler.reports._codec import DecodeError, decode, encode

SCHEMA_VERSION: Final = "1"
LARGEST_REPORT: Final = 32 * 1024 * 1024  # bytes of a report to read

_MOVING = ("started", "finished")  # attributes of a Run that differ between equal runs


def render(run: Run, _: Style) -> str:
    body: JsonObject = encode(run)
    moving = {name: body.pop(name) for name in _MOVING}
    for environment, source in zip(body["environments"], run.environments, strict=True):
        environment["counts"] = _counts(source)
    report = {
        "schemaVersion": SCHEMA_VERSION,
        "run": moving | {"durationSeconds": run.seconds},
        "exitCode": int(run.exit_code),
        **body,
        "dryRun": run.verb.dry_run,
        "recorded": run.verb.writes_record,
    }
    text = json.dumps(report, indent=2, ensure_ascii=False)
    # Escapes for characters that a terminal or a CI log interprets: the same JSON, other bytes.
    safe = "".join(c if c == "\n" or c.isprintable() else _escape(c) for c in text)
    return safe.replace("##[", "#\\u0023[") + "\n"


def run_from_json(text: str) -> Run:
    """The Run in a JSON report, so that a trusted job can render it again.

    The report may come from an untrusted job: its statements may be false, but formats treat every value as data.
    Reports of earlier and later versions can be read, without keys that this version does not know.

    Raises:
        UsageError: the text is too large, not JSON or not a report, or has a value that this version does not know.
    """
    if len(text.encode(errors="replace")) > LARGEST_REPORT:
        raise UsageError(f"the report is larger than {LARGEST_REPORT >> 20} MiB")
    try:
        return _read(json.loads(text))
    except DecodeError as error:
        hint = "if a later version wrote it, read it with that version"
        raise UsageError(f"not a report of this version: {error}", hint=hint) from None
    except (ValueError, RecursionError):
        raise UsageError("the report is not JSON") from None


def _read(report: Json) -> Run:
    if not isinstance(report, dict) or report.get("schemaVersion") != SCHEMA_VERSION:
        raise DecodeError(f"schemaVersion is not {SCHEMA_VERSION}")
    moving = report.get("run")
    if not isinstance(moving, dict):
        raise DecodeError("report has no run")
    run = decode(Run, report | {name: moving[name] for name in _MOVING if name in moving})
    if report.get("dryRun"):
        return replace(run, verb=run.verb.as_dry_run())
    return replace(run, verb=run.verb.recording()) if report.get("recorded") else run


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


def _escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[n]:02x}{units[n + 1]:02x}" for n in range(0, len(units), 2))


FORMAT = ReportFormat("json", render)
