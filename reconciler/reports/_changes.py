"""Entries about objects: what differs and why, and what apply did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from reconciler.model.change import Action, Change, Outcome, Result, State
from reconciler.model.difference import FieldDifference, Why
from reconciler.model.environment import ExtraFields
from reconciler.model.identity import Names, ObjectRef
from reconciler.model.impact import Affected
from reconciler.model.run import ClusterIdentity, EnvironmentRun
from reconciler.model.unchecked import CONSUMERS
from reconciler.model.verbs import Flow, Verb
from reconciler.report import Style
from reconciler.reports._adoption import adoption_note, adopts, gives_up
from reconciler.reports._commands import apply_command, command_line
from reconciler.reports._consumers import affects, by_root, on_change, on_deletion, uses
from reconciler.reports._entries import Entry, FieldLine, Level, names_in
from reconciler.reports._extra_fields import (
    added,
    consequences,
    failure,
    removal,
    text_of,
)
from reconciler.reports._holds import held
from reconciler.reports._ignored import ignored
from reconciler.reports._readiness import not_ready
from reconciler.reports._states import RESULTS, STATES
from reconciler.reports._words import count, listed, literal, word, written_by


def name_of(ref: ObjectRef, names: Names) -> str:
    """`ModelProvider llm/gateway`, as a part of a sentence."""
    return f"{word(names.kind(ref.group_kind))} {literal(f'{ref.namespace}/{ref.name}')}"


def label_of(state: State) -> str:
    """The word of a state in a review."""
    return STATES[state][0]


def about_changes(verb: Verb, environment: EnvironmentRun, style: Style) -> Iterator[Entry]:
    """One entry per object that waits for no namespace and no CRD, and one more per object that is not ready."""
    names = names_in(environment)
    outcomes = {outcome.ref: outcome for outcome in environment.outcomes}
    consumers = by_root(environment)
    unlisted = any(each.subject == CONSUMERS for each in environment.unchecked)
    for change in environment.changes:
        if change.awaited:  # `about_waiting` has it
            outcomes.pop(change.ref, None)
            continue
        entry = _entry(verb, environment, change, names, style)
        rows = consumers.get(change.ref, ())
        users = _consumers(verb, change, rows, unlisted=unlisted)
        entry = replace(entry, sentences=(*entry.sentences, *users))
        if rows:  # nobody should delete what is in use
            actions = tuple(action for action in entry.actions if action[0] != "delete")
            entry = replace(entry, actions=actions)
        outcome = outcomes.pop(change.ref, None)
        yield _with_outcome(entry, outcome, change) if outcome else entry
        if unready := not_ready(environment.cluster, change, name_of(change.ref, names), style):
            yield unready
    for outcome in outcomes.values():
        subject = name_of(outcome.ref, names)
        yield _with_outcome(Entry("", Level.QUIET, subject, (outcome.ref,)), outcome)


def _entry(
    verb: Verb, environment: EnvironmentRun, change: Change, names: Names, style: Style
) -> Entry:
    label, level = _label(verb, change)
    meaning = "" if change.reason else STATES[change.state][3]
    gone = change.state is State.MISSING and not style.verbose
    return Entry(
        label=label,
        level=level,
        subject=name_of(change.ref, names),
        owners=(change.ref,),
        fields=() if gone else tuple(_fields(verb, change, style)),
        sentences=tuple(filter(None, (meaning, adopts(change), _outlook(verb, change)))),
        essential=(*consequences(change), *ignored(change, style), *held(change, style)),
        quoted=tuple(filter(None, (change.reason, *_warned(change.warnings)))),
        actions=tuple(_actions(verb, environment, change, names, style)),
    )


def _consumers(
    verb: Verb, change: Change, rows: tuple[Affected, ...], *, unlisted: bool
) -> tuple[str, ...]:
    """Who uses an object, and what happens to them."""
    match change.state:
        case State.REMOVED:
            return ()  # the plan knows who uses it after the apply
        case State.KEPT:
            unused = not rows and verb.reads_consumers and not unlisted
            return ("no consumer uses it",) if unused else affects(rows, uses, "still used by")
        case State.MISSING:
            return affects(rows, on_deletion)
        case State.CHANGED | State.ADOPTED | State.DRIFTED | State.CONFLICT if (
            verb.flow is not Flow.WATCH
        ):
            return affects(rows, on_change)
        case State.DRIFTED:
            return affects(rows, uses)
    return affects(rows, uses, "used by")


def _label(verb: Verb, change: Change) -> tuple[str, Level]:
    watch = verb.flow is Flow.WATCH
    label, review, watched, _ = STATES[change.state]
    level = watched if watch else review
    if gives_up(change):
        level = max(level, Level.BAD if watch else Level.LOOK)
    if any(d.why is Why.UNKNOWN for d in change.differences):
        return "UNCLEAR", max(level, Level.LOOK)
    if failing := failure(change):
        return (failing if level < Level.LOOK else label), Level.BAD
    if watch and level is Level.QUIET and any(each.path[0] == "spec" for each in change.foreign):
        return "ADDED", Level.CHANGE
    if change.state is State.CONFLICT and change.action is Action.UPDATE:
        return label, Level.LOOK
    if change.state is State.REMOVED and change.action is Action.REFUSE:
        return label, Level.LOOK if watch else Level.BAD
    return label, level


def _outlook(verb: Verb, change: Change) -> str:
    """What the next apply does with the object, if the state does not show it."""
    waiting = sum(d.why is Why.CHANGE for d in change.differences)
    match change.state, verb.flow:
        case State.DRIFTED, Flow.REVIEW if change.action is Action.UPDATE:
            return "apply restores the values of git"
        case State.REMOVED, Flow.REVIEW | Flow.WATCH if change.action is Action.DELETE:
            return "apply deletes it"
        case State.MISSING, Flow.REVIEW if change.action is Action.CREATE:
            return "apply creates it again"
        case State.CONFLICT, Flow.REVIEW | Flow.WATCH if change.action is Action.UPDATE:
            return "apply takes the fields"
        case State.DRIFTED, Flow.WATCH if waiting:
            return f"git changes {count(waiting, 'more field')} here; not applied yet"
    return ""


def _fields(verb: Verb, change: Change, style: Style) -> Iterator[FieldLine]:
    watch = verb.flow is Flow.WATCH
    for difference in change.differences:
        if watch and difference.why is Why.CHANGE:
            continue
        git, live = text_of(difference.predicted), text_of(difference.live)
        before, after = (git, live) if watch else (live, git)
        yield FieldLine(
            sign="+" if before is None else "-" if after is None else "~",
            path=difference.shown_path,
            before=before,
            after=after,
            note=_author(difference, style),
            where=str(difference.where or ""),
            names=("git ", "live ") if watch else ("", ""),
        )
    for foreign in change.foreign:
        if foreign.path[0] == "spec" or foreign.policy is not ExtraFields.REPORT or style.verbose:
            yield added(verb, foreign, style)


def _author(difference: FieldDifference, style: Style) -> str:
    match difference.why:
        case Why.CHANGE:
            return ""
        case Why.DRIFT:
            removed = difference.live.text is None and difference.by is None
            return "removed in the cluster" if removed else written_by(difference.by, style)
        case Why.ADOPT:
            return adoption_note(difference, style)
        case Why.CONFLICT:
            return f"{written_by(difference.by, style)}, who owns it"
        case Why.UNKNOWN:
            return "git or the cluster changed it; without the record it is unknown which"


def _actions(
    verb: Verb, environment: EnvironmentRun, change: Change, names: Names, style: Style
) -> Iterator[tuple[str, str]]:
    cluster = environment.cluster or ClusterIdentity("")
    if change.state in (State.ADOPTED, State.DRIFTED, State.CONFLICT):
        moved = [d for d in change.differences if d.why is not Why.CHANGE]
        yield from (("keep", place) for place in _places(moved, change))
    if change.hint:
        yield "delete" if change.state is State.KEPT else "fix", literal(change.hint)
    elif change.action is Action.REFUSE:
        yield from _permissions(environment.name, change)
    yield from () if environment.observed else _takes(environment.name, change, names, style)
    if left := [each for each in change.foreign if each.policy is ExtraFields.FAIL]:
        pronoun = "it" if len(left) == 1 else "them"
        place = f" at {literal(change.where)}" if change.where else ""
        if change.state is not State.KEPT:
            yield "keep", f"write {pronoun} into the manifest{place}"
        yield "undo", removal(cluster, change, left)
    undoing = {State.DRIFTED: "undo", State.MISSING: "restore"}.get(change.state)
    if undoing and verb.flow is Flow.WATCH and change.action is not Action.REFUSE:
        again = apply_command(style, environment, "--only", names.address(change.ref))
        yield from ((undoing, again),) if again else ()
    yield from () if environment.observed else _releases(environment.name, change, names, style)
    if change.state in (State.INVALID, State.WAITING, State.FAILED) and change.where:
        yield "see", literal(change.where)


def _releases(
    environment: str, change: Change, names: Names, style: Style
) -> Iterator[tuple[str, str]]:
    if change.hold:
        yield "release", command_line(style, "release", environment, names.address(change.ref))


def _takes(
    environment: str, change: Change, names: Names, style: Style
) -> Iterator[tuple[str, str]]:
    """The command that takes over the fields in conflict, once."""
    if change.state is not State.CONFLICT or change.action is not Action.REFUSE:
        return
    held = sorted({d.shown_path for d in change.differences if d.why is not Why.CHANGE})
    words = ("--only", names.address(change.ref), *(w for path in held for w in ("--take", path)))
    yield "take", command_line(style, "apply", environment, *words)


def _permissions(environment: str, change: Change) -> Iterator[tuple[str, str]]:
    """The policy setting that would let apply change the object."""
    file = literal(f"environments/{environment}/environment.yaml")
    if change.state is State.CONFLICT:
        yield "take", f"{literal('policy.onConflict: take')} in {file}"
    elif change.state is State.FOREIGN:
        yield "adopt", f"name its tool in {literal('policy.adoptFrom')} of {file}"
    else:
        yield "undo", f"{literal('policy.onDrift: reclaim')} in {file}, then apply"


def _places(differences: Iterable[FieldDifference], change: Change) -> list[str]:
    """The locations in git, without duplicates; "a or b" for a field with several candidates."""
    places: dict[str, None] = {}
    for difference in differences:
        candidates = [difference.where, *difference.also] if difference.where else [change.where]
        places[" or ".join(literal(place) for place in candidates if place)] = None
    return [place for place in places if place]


def _with_outcome(entry: Entry, outcome: Outcome, change: Change | None = None) -> Entry:
    messages = (outcome.message, *_warned(outcome.warnings))
    hint = outcome.hint if change is None or outcome.hint != change.hint else ""
    skipped = outcome.result is Result.SKIPPED and change is not None
    stays = change is not None and bool(failure(change))
    done = RESULTS[outcome.result] is Level.CHANGE and not stays
    level = Level.BAD if stays else RESULTS[outcome.result]
    skipped = skipped or (stays and outcome.result is Result.UNCHANGED)
    return replace(
        entry,
        label=entry.label if skipped else outcome.result.upper(),
        level=max(level, Level.LOOK) if outcome.warnings else level,
        quoted=tuple(dict.fromkeys(text for text in (*entry.quoted, *messages) if text)),
        actions=(() if done else entry.actions) + ((("fix", literal(hint)),) if hint else ()),
    )


def _warned(warnings: tuple[str, ...]) -> Iterator[str]:
    return (f"warning: {warning}" for warning in warnings)


def changed_fields(entry: Entry) -> str:
    """A few words for a table: `spec.model`, `12 fields`."""
    moved = [literal(field.path) for field in entry.fields if field.sign != "="]
    few = 3
    return listed(moved) if len(moved) <= few else count(len(moved), "field")


def writes(environment: EnvironmentRun) -> int:
    """How many objects an apply would write."""
    return sum(change.action.writes for change in environment.changes)
