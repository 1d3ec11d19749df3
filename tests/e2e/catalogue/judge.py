"""What a row says, held against what was told of its environment and of no other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.e2e.catalogue.case import OTHER, PROD, Case

Report = Mapping[str, Any]

NEIGHBOUR = Case(
    "spare",
    finding="error[K8S002]",
    place=f"{OTHER}:6:3",
    says=("unknown field spec.modle", "did you mean spec.model?"),
)


@dataclass(frozen=True)
class Ended:
    """One process."""

    code: int
    output: str
    memory: int  # KiB at the peak, the renderer's included
    report: Report

    def environment(self, name: str) -> Report:
        """What the report says of one environment."""
        (environment,) = [e for e in self.report["environments"] if e["name"] == name]
        return dict(environment)


def lines(environment: Report) -> tuple[str, ...]:
    """Everything that is told of an environment, as if it were prod: `place: error[CODE] sentence hint`."""
    lines = [_line(finding) for finding in environment["diagnostics"]]
    if environment["problem"]:
        lines.append("{where}: error {message} {hint}".format_map(environment["problem"]))
    return tuple(line.replace(f"environments/{environment['name']}/", PROD) for line in lines)


def _line(finding: Report) -> str:
    also = " ".join(_place(where) for where in finding["also"])
    said = "{severity}[{code}] {message} {hint}".format_map(finding)
    return f"{_place(finding['where'])}: {said} {also}"


def _place(where: Report) -> str:
    position = (where["line"], where["column"])
    return ":".join([where["path"], *(str(number) for number in position if number)])


def unmet(case: Case, ended: Ended, name: str = "prod") -> list[str]:
    """What a row says, beyond its exit code, that a process did not do."""
    missing = [f"printed {words!r}" for words in case.printed if words not in ended.output]
    if case.finding or case.objects is not None:
        missing += _unmet(case, ended.environment(name))
    return missing


def _unmet(case: Case, environment: Report) -> Iterator[str]:
    printed = lines(environment)
    if case.finding and not any(_is_found(case, line) for line in printed):
        yield f"{case.place}: {case.finding} {' '.join(case.says)}"
    errors = {d["code"] for d in environment["diagnostics"] if d["severity"] == "error"}
    expected = {*case.more, *_error(case.finding)}
    if errors != expected:
        yield f"errors {sorted(expected)}, not {sorted(errors)}"
    if case.objects not in (None, environment["objects"]):
        yield f"{case.objects} objects, not {environment['objects']}"


def _is_found(case: Case, line: str) -> bool:
    """Where a row knows no column, any column of the line will do."""
    where, _, printed = line.partition(f": {case.finding} ")
    at_place = where == case.place or where.startswith(f"{case.place}:")
    return bool(printed) and at_place and all(words in printed for words in case.says)


def _error(finding: str) -> Iterator[str]:
    if finding.startswith("error["):
        yield finding.removeprefix("error[").removesuffix("]")
