"""A sealed plan as the text of a plan file (`plan.schema.json`), and for people."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from reconciler.errors import UsageError
from reconciler.model.change import Action, State
from reconciler.model.command import Invocation
from reconciler.model.document import Json, parsed
from reconciler.model.identity import Names
from reconciler.model.revision import Revision
from reconciler.model.sealed import SealedObject, SealedPlan
from reconciler.report import Style
from reconciler.reports._changes import label_of, name_of
from reconciler.reports._codec import DecodeError, decode, encode
from reconciler.reports._words import clean, count, literal, plain

SCHEMA_VERSION: Final = "1"
LARGEST_PLAN: Final = 32 * 1024 * 1024  # bytes

_HEX: Final = re.compile(r"[0-9a-f]{0,64}")
_UID: Final = re.compile(r"[0-9a-f-]{0,40}")
_VERSION: Final = re.compile(r"[0-9a-z.+-]{1,40}")
_ENVIRONMENT: Final = re.compile(r"[a-z0-9-]{1,40}")
_NUMBER: Final = re.compile(r"[0-9]{1,6}")


def plan_json(plan: SealedPlan) -> str:
    """The text of a plan file; equal plans have equal texts."""
    body = {"schemaVersion": SCHEMA_VERSION, "id": plan.id, **encode(plan)}
    return json.dumps(body, indent=2) + "\n"


def plan_from_json(text: str) -> SealedPlan:
    """The plan in a plan file. Nobody vouches for it, so an apply compares it with a plan of its own.

    Raises:
        UsageError: it is too large, not a plan, of a later version, or not as it was written. No message quotes it.
    """
    if len(text) > LARGEST_PLAN:
        raise UsageError(f"the plan is larger than {LARGEST_PLAN >> 20} MiB")
    try:
        body = parsed(text)
    except ValueError:
        raise UsageError("it is not a plan: not JSON, or not all of it", hint=_AGAIN) from None
    try:
        plan = _read(body)
    except DecodeError as error:
        raise UsageError(f"it is not a plan: {error}", hint=_AGAIN) from None
    if body.get("id") != plan.id:
        raise UsageError("the plan was changed after it was written", hint=_AGAIN)
    return plan


_AGAIN: Final = f"{Invocation().command('diff', 'ENVIRONMENT', '--out', 'FILE')} writes a plan"


def _read(body: Json) -> SealedPlan:
    if not isinstance(body, dict) or "objects" not in body:
        raise DecodeError("it has no objects")
    version = str(body.get("schemaVersion"))
    if version != SCHEMA_VERSION:
        later = f" {version}" if _NUMBER.fullmatch(version) else ""
        raise UsageError(
            f"the plan has another format{later}, and this version reads format {SCHEMA_VERSION}",
            hint="read it with the version that wrote it",
        )
    plan = decode(SealedPlan, body, "plan")
    if len({each.ref for each in plan.objects}) < len(plan.objects):
        raise DecodeError("it has an object twice")
    for name, value, form in _formal(plan):
        if not form.fullmatch(value):
            raise DecodeError(f"{name} has another form")
    return plan


def _formal(plan: SealedPlan) -> Iterator[tuple[str, str, re.Pattern[str]]]:
    """Values that look like keys but are not masked, with the form that they must have."""
    yield "version", plan.version, _VERSION
    yield "environment", plan.environment, _ENVIRONMENT
    yield "clusterUid", plan.cluster_uid, _UID
    yield from (("a digest", d, _HEX) for d in (plan.commit, plan.settings, plan.key_id))
    yield from (("a digest", schema.digest, _HEX) for schema in plan.schemas)
    for each in plan.objects:
        yield "uid", each.uid, _UID
        digests = (each.writers, each.content, each.stored, each.live)
        yield from (("a digest", digest, _HEX) for digest in digests)


def plan_text(plan: SealedPlan, style: Style, file: str) -> str:
    """The actions of a plan on each object; unchanged objects only with -v."""
    names = Names.among(each.ref.group_kind for each in plan.objects)
    lines = ["  ".join([f"plan {clean(plan.id)}", *map(plain, _facts(plan))]), ""]
    for each in plan.objects:
        if style.verbose or each.state is not State.UNCHANGED:
            lines += [*map(plain, _object(each, names, style)), ""]
    lines += map(plain, _summary(plan))
    if any(each.writes for each in plan.objects):
        lines.append(f"  next: {clean(style.invocation.following(file, *plan.options.words()))}")
    return "\n".join(lines) + "\n"


def _facts(plan: SealedPlan) -> Iterator[str]:
    revision = Revision(plan.commit, dirty=plan.dirty)
    yield f"of {literal(plan.environment)}"
    yield f"git {literal(revision.short)}" if plan.commit else revision.short
    yield f"cluster {literal(plan.cluster)}"


def _object(each: SealedObject, names: Names, style: Style) -> Iterator[str]:
    brief = each.state is State.NEW and not style.verbose
    number = f"  ({count(len(each.fields), 'field')})" if brief else ""
    yield f"{label_of(each.state):<11} {name_of(each.ref, names)}{number}"
    yield from (f"  {literal(field)}" for field in (() if brief else each.fields))
    yield from (f"  - {literal(path)}, which others added" for path in each.remove)
    if each.action is Action.REFUSE:
        yield "  apply refuses it"
    elif each.force:
        yield "  apply takes it from the owner of its fields"


def _summary(plan: SealedPlan) -> Iterator[str]:
    number = sum(each.writes for each in plan.objects)
    changes = f"{count(number, 'object')} {'changes' if number == 1 else 'change'}"
    yield f"{literal(plan.environment)}: {changes if number else 'nothing to change'}"
    states = Counter(each.state for each in plan.objects)
    tally = ", ".join(f"{states[s]:,} {s.value}" for s in State if states[s])
    yield f"  {count(len(plan.objects), 'object')}: {tally}" if tally else "  no objects"
    if plan.only:
        yield "  of the objects that --only names"
    by = "its commit, what is live, and keyed digests of both"
    yield f"  bound by {by if plan.key_id else 'its commit and what is live'}"
