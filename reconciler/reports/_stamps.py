"""Entries about stamps: which providers' operators were told of a rotated key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from reconciler.model.run import EnvironmentRun, Run
from reconciler.model.stamp import StampResult
from reconciler.model.verbs import Flow
from reconciler.reports._changes import name_of
from reconciler.reports._entries import Entry, Level, names_in
from reconciler.reports._words import count, listed, literal

# By result: label, level, and an explanation.
_RESULTS: Final[dict[StampResult, tuple[str, Level, str]]] = {
    StampResult.STAMPED: ("STAMPED", Level.CHANGE, "its operator reconciles it now"),
    StampResult.UNCHANGED: ("STAMPED", Level.QUIET, "an earlier run stamped it for this key"),
    StampResult.SKIPPED: ("NO STAMP", Level.LOOK, ""),
    StampResult.REFUSED: ("NO STAMP", Level.BAD, ""),
    StampResult.FAILED: ("NO STAMP", Level.BAD, ""),
}
_DRY_RUN: Final = ("WOULD STAMP", Level.CHANGE, "the server would accept it")


def about_stamps(run: Run, environment: EnvironmentRun) -> Iterator[Entry]:
    """One entry for each provider with a rotated key."""
    names = names_in(environment)
    for stamp in environment.stamps:
        label, level, meaning = _RESULTS[stamp.result]
        if stamp.result is StampResult.STAMPED and run.verb.dry_run:
            label, level, meaning = _DRY_RUN
        rotated = f"rotated: Secret {listed(map(literal, stamp.secrets))}"
        yield Entry(
            label=label,
            level=level,
            subject=name_of(stamp.ref, names),
            owners=(stamp.ref,),
            sentences=(rotated, *filter(None, (meaning,))),
            quoted=(stamp.message,) if stamp.message else (),
            actions=(("fix", literal(stamp.hint)),) if stamp.hint else (),
        )


def stamped(run: Run, environment: EnvironmentRun) -> str:
    """`2 stamped`: a part of the verdict; "" if the run stamps nothing."""
    numbers = Counter(stamp.result for stamp in environment.stamps)
    number = numbers[StampResult.STAMPED]
    if run.verb.dry_run and number:
        return f"{count(number, 'provider')} would be stamped"
    if number:
        return f"{count(number, 'provider')} stamped"
    return "nothing to stamp" if run.verb.flow is Flow.STAMP else ""
