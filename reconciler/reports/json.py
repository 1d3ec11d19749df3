"""JSON: the machine interface, described by `report.schema.json` beside this file.

Everything that differs between two equal runs stands in the block `run`; the rest is deterministic.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Final

from reconciler.errors import UsageError
from reconciler.model.change import Result, State
from reconciler.model.document import Json, JsonObject
from reconciler.model.run import EnvironmentRun, Run
from reconciler.report import ReportFormat, Style
from reconciler.reports._codec import NotThat, decode, encode

SCHEMA_VERSION: Final = "1"
LARGEST_REPORT: Final = 32 * 1024 * 1024  # bytes of a report that is read back

_MOVING = ("started", "finished")  # attributes of a Run that differ between equal runs


def render(run: Run, _: Style) -> str:
    body: JsonObject = encode(run)
    moving = {name: body.pop(name) for name in _MOVING}
    for environment, seen in zip(body["environments"], run.environments, strict=True):
        environment["counts"] = _counts(seen)
    report = {
        "schemaVersion": SCHEMA_VERSION,
        "run": moving | {"durationSeconds": _seconds(run)},
        "exitCode": int(run.exit_code),
        **body,
        "dryRun": run.verb.dry_run,
        "recorded": run.verb.writes_record,
    }
    text = json.dumps(report, indent=2, ensure_ascii=False)
    # What a terminal or a CI log would act on is written as an escape: the same JSON, other bytes.
    safe = "".join(c if c == "\n" or c.isprintable() else _escape(c) for c in text)
    return safe.replace("##[", "#\\u0023[") + "\n"


def run_from_json(text: str) -> Run:
    """The Run that a JSON report was made of, so that a trusted job can render it again.

    What it says is as trustworthy as who wrote it; what it can do to a reader is what any Run can: the formats
    treat every value as data.

    Raises:
        UsageError: it is too large, not JSON, or not a report of this version.
    """
    if len(text.encode(errors="replace")) > LARGEST_REPORT:
        raise UsageError(f"the report is larger than {LARGEST_REPORT >> 20} MiB")
    try:
        return _read(json.loads(text))
    except NotThat as error:
        raise UsageError(f"not a report of this version: {error}") from None
    except (ValueError, RecursionError):
        raise UsageError("the report is not JSON") from None


def _read(report: Json) -> Run:
    if not isinstance(report, dict) or report.get("schemaVersion") != SCHEMA_VERSION:
        raise NotThat(f"schemaVersion is not {SCHEMA_VERSION}")
    body = dict(report)
    moving = body.pop("run", None)
    environments = body.get("environments")
    if not isinstance(moving, dict) or not isinstance(environments, list):
        raise NotThat("report has no run or no environments")
    body["environments"] = [
        {k: v for k, v in e.items() if k != "counts"} if isinstance(e, dict) else e
        for e in environments
    ]
    body |= {name: moving.get(name) for name in _MOVING}
    for derived in ("schemaVersion", "exitCode"):
        body.pop(derived, None)
    dry_run, recorded = body.pop("dryRun", False), body.pop("recorded", False)
    run = decode(Run, body)
    verb = run.verb.rehearsed() if dry_run else run.verb.recording() if recorded else run.verb
    return replace(run, verb=verb)


def _counts(environment: EnvironmentRun) -> dict[str, dict[str, int]]:
    states = Counter(c.state for c in environment.changes)
    results = Counter(o.result for o in environment.outcomes)
    return {
        "states": {state.value: states[state] for state in State},
        "results": {result.value: results[result] for result in Result},
    }


def _seconds(run: Run) -> float | None:
    try:
        took = datetime.fromisoformat(run.finished) - datetime.fromisoformat(run.started)
    except (ValueError, TypeError):
        return None
    return round(took.total_seconds(), 3)


def _escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[n]:02x}{units[n + 1]:02x}" for n in range(0, len(units), 2))


FORMAT = ReportFormat("json", "for machines; the schema stands beside the format", render)
