"""What reports say about fields that others added to an object of ours."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Final

from reconciler.model.change import Change
from reconciler.model.difference import OWNERS, FieldValue, ForeignField
from reconciler.model.environment import ExtraFields
from reconciler.model.path import FieldPath, show
from reconciler.model.run import ClusterIdentity
from reconciler.model.verbs import Flow, Verb
from reconciler.report import Style
from reconciler.reports._entries import FieldLine
from reconciler.reports._words import listed, literal, written_by

_MASKED: Final = "(redacted)"


def failure(change: Change) -> str:
    """The label of an object with a problem that apply cannot correct; "" for all others.

    The cluster overrides values of git, or others added fields that the policy does not tolerate.
    """
    if change.overridden:
        return "OVERRIDDEN"
    return "ADDED" if any(each.policy is ExtraFields.FAIL for each in change.foreign) else ""


def consequences(change: Change) -> Iterator[str]:
    """Sentences that no report leaves out: about overridden fields, and those that decide where prompts and keys go."""
    if change.overridden:
        paths = listed(literal(show(path)) for path in change.overridden)
        yield f"a webhook replaces the value of git in {paths} on every write"
    deciding = [each for each in change.foreign if each.decides]
    if deciding:
        paths = listed(literal(each.shown_path) for each in deciding)
        verb = "decides" if len(deciding) == 1 else "decide"
        yield f"someone else added {paths}, which {verb} where prompts and keys go"
    if any(each.path == OWNERS and each.policy is ExtraFields.FAIL for each in change.foreign):
        yield "someone else added an owner: the object is deleted with it, or at once if that does not exist"


def added(verb: Verb, field: ForeignField, style: Style) -> FieldLine:
    """One field that someone else added."""
    live = text_of(field.live)
    removed = field.policy is ExtraFields.REMOVE
    note = f"{written_by(field.by, style)}; not in git, {'apply removes it' if removed else 'not touched'}"
    if removed and verb.flow is not Flow.WATCH:
        return FieldLine("-", field.shown_path, live, None, note)
    if verb.flow is Flow.WATCH or field.policy is ExtraFields.FAIL:
        return FieldLine("+", field.shown_path, None, live, note)
    return FieldLine("=", field.shown_path, live, live, note)


def text_of(value: FieldValue) -> str | None:
    """A value for a report; None if the field does not exist."""
    return _MASKED if value.masked else value.text


def removal(cluster: ClusterIdentity, change: Change, fields: Iterable[ForeignField]) -> str:
    """How to remove fields of others, which an apply leaves to their owners: a command, or the file to edit."""
    roots = dict.fromkeys(each.root or each.path for each in fields)
    if file := cluster.file(change.endpoint, change.ref):
        return f"remove {listed(literal(show(root)) for root in roots)} from {literal(file)}"
    patch = [{"op": "remove", "path": _pointer(root)} for root in roots]
    target = ("-n", change.ref.namespace, "patch", change.endpoint.crd_name, change.ref.name)
    return literal(cluster.kubectl(*target, "--type=json", "-p", json.dumps(patch)))


def _pointer(path: FieldPath) -> str:
    """RFC 6901."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
