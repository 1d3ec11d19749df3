"""Fields that others added to an object of ours: what git does not set, and no default of the CRD explains."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator
from dataclasses import replace

from reconciler.frozen import dataclass
from reconciler.kind import Kind
from reconciler.model.applyset import PART_OF, TOOL
from reconciler.model.change import Action, Change, State
from reconciler.model.difference import OWNERS, REDACTED, ForeignField, Writer
from reconciler.model.document import Json, JsonObject, dig, dig_map
from reconciler.model.environment import ExtraFields, Policy
from reconciler.model.marks import BOOKKEEPING
from reconciler.model.path import FieldPath, at, present, starts_with
from reconciler.semantics.schema.crd import CrdVersion
from reconciler.semantics.schema.defaults import with_defaults
from reconciler.semantics.values import copied, same
from reconciler.stages.plan.fields import field_value
from reconciler.stages.plan.ownership import Ownership
from reconciler.stages.plan.refusals import unless_refused


@dataclass(frozen=True, slots=True)
class ExtraFieldsInput:
    """One object of ours, live and as an apply would leave it.

    Attributes:
        version: of its CRD; None if the CRD is unknown, so that defaults cannot be told from additions.
        ignored: fields that are left to others.
    """

    kind: Kind
    policy: Policy
    live: JsonObject
    predicted: JsonObject
    ownership: Ownership
    version: CrdVersion | None
    ignored: tuple[FieldPath, ...] = ()


def extra_fields(inputs: ExtraFieldsInput) -> tuple[ForeignField, ...]:
    """The fields that others added and an apply would leave, ordered by path; of a mapping, its leaves."""
    added = list(_added(inputs))
    defaults = _defaults(inputs, added)
    fields = [_field(inputs, path) for path in added if path not in defaults]
    rooted = (replace(field, root=_root(inputs, field, fields)) for field in fields)
    return tuple(sorted(rooted, key=lambda field: tuple(map(str, field.path))))


def of_kept(
    kind: Kind, policy: Policy, live: JsonObject, ownership: Ownership, version: CrdVersion | None
) -> tuple[ForeignField, ...]:
    """The fields of a kept object that decide where prompts and keys go, and that others wrote.

    Apply does not touch such an object, so it removes none.
    """
    inputs = ExtraFieldsInput(kind, policy, live, live, ownership, version)
    return tuple(
        replace(field, policy=ExtraFields.FAIL) if field.policy is ExtraFields.REMOVE else field
        for field in extra_fields(inputs)
        if field.decides
    )


def with_removals(policy: Policy, change: Change) -> Change:
    """The change of an object from which apply also takes out fields of others, unless it is refused."""
    roots = dict.fromkeys(f.root for f in change.foreign if f.policy is ExtraFields.REMOVE)
    if not roots or change.action is Action.REFUSE:
        return change
    state = change.state if change.state is State.CONFLICT else State.DRIFTED
    changed = replace(change, state=state, action=Action.UPDATE, remove=tuple(roots))
    return unless_refused(policy, changed)


def _added(inputs: ExtraFieldsInput) -> Iterator[FieldPath]:
    spec = dig_map(inputs.live, "spec")  # which an object need not have
    leaves = (path for key, below in spec.items() for path in _leaves(below, ("spec", key)))
    for path in (*leaves, *_marks(inputs.live)):
        ignored = any(starts_with(path, each) for each in inputs.ignored)
        ours = inputs.ownership.will_be_ours(path)
        if present(inputs.predicted, path) and not (ours or ignored):
            yield path


def _leaves(value: Json, path: FieldPath) -> Iterator[FieldPath]:
    """The leaves of a mapping; a list is a leaf, and so is an empty mapping."""
    if not isinstance(value, dict) or not value:
        yield path
        return
    for key, below in value.items():
        yield from _leaves(below, (*path, key))


def _marks(live: JsonObject) -> Iterator[FieldPath]:
    for field in ("labels", "annotations"):
        for key in dig_map(live, "metadata", field):
            if key != PART_OF and key not in BOOKKEEPING:
                yield "metadata", field, key
    if dig(live, "metadata", "ownerReferences"):  # an object is deleted with its owner
        yield OWNERS


def _defaults(inputs: ExtraFieldsInput, added: list[FieldPath]) -> frozenset[FieldPath]:
    """The fields that have the value that the server sets by itself."""
    in_spec = [path for path in added if path[0] == "spec"]
    if inputs.version is None or not in_spec:
        return frozenset()
    bare: JsonObject = {"spec": copied(inputs.live["spec"])}
    for path in in_spec:
        at(bare, path[:-1]).pop(path[-1], None)
    defaulted = with_defaults(inputs.version.schema, bare)
    return frozenset(
        path
        for path in in_spec
        if present(defaulted, path) and same(at(defaulted, path), at(inputs.live, path))
    )


def _field(inputs: ExtraFieldsInput, path: FieldPath) -> ForeignField:
    annotation = path[:2] == ("metadata", "annotations")  # of any tool, with any content
    masked = annotation or inputs.kind.is_sensitive(path)
    value, ownership = at(inputs.live, path), inputs.ownership
    by = ownership.writer_within(path) if path == OWNERS else ownership.writer_of(path)
    return ForeignField(
        path,
        REDACTED if masked else field_value(value, path, exists=True, masked=False),
        by,
        decides=inputs.kind.decides_traffic(path),
        policy=_policy(inputs, path, by),
    )


def _root(
    inputs: ExtraFieldsInput, field: ForeignField, fields: Iterable[ForeignField]
) -> FieldPath:
    """What to take out with a field: the highest mapping in which nothing is ours, and nothing has another policy."""
    if field.path[0] == "metadata":  # where others have marks that no report lists
        return field.path
    stay = [other.path for other in fields if other.policy is not field.policy]
    stay += inputs.ignored
    root = inputs.ownership.root_of(field.path)
    while root != field.path and any(path[: len(root)] == root for path in stay):
        root = field.path[: len(root) + 1]
    return root


def _policy(inputs: ExtraFieldsInput, path: FieldPath, by: Writer | None) -> ExtraFields:
    """The first matching glob of `policy.extraFields` decides; metadata needs a glob of its own."""
    name = ".".join(map(str, path))
    for glob, policy in inputs.policy.extra_fields:
        if fnmatch.fnmatchcase(name, glob) and (path[0] == "spec" or glob.startswith("metadata.")):
            return policy
    applier = inputs.ownership.manager  # another tool, in an environment that is only observed
    of_its_tool = applier != TOOL and by is not None and by.manager == applier
    deletes = path == OWNERS and not of_its_tool
    fails = deletes or inputs.kind.decides_traffic(path)
    return ExtraFields.FAIL if fails else ExtraFields.REPORT
