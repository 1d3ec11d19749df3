"""A sealed plan: what a plan file holds, so that a later `apply` does what was reviewed or nothing.

A plan is bound to its content in two ways, and neither has a value, or anything to guess one with.

- Everybody can check that nothing moved. What would be stored follows from the commit, the settings of the
  environment, the schemas of the cluster and the version of the program, and all of these are named. What was live is
  named by the object's uid, its generation, which grows with each write to `spec`, and a digest of who wrote its spec,
  labels and annotations, and when. A write to the status changes none of them.
- Whoever may read the fingerprint key of the installation adds keyed digests of the manifest, of what would be stored
  and of what was live. They also bind a plan of a working tree that no commit describes, and show what a webhook adds.

A role without the key, such as that of a review, cannot make a digest of the content that others could not make as
well: with a key beside it in the file, or with none, everybody who can read the file could try values of headers.
So it makes none.
"""

from __future__ import annotations

import hashlib

from reconciler.frozen import dataclass
from reconciler.model.change import Action, State
from reconciler.model.difference import Writer
from reconciler.model.document import Json, canonical
from reconciler.model.identity import ObjectRef


@dataclass(frozen=True, slots=True)
class SealedObject:
    """The plan for one object.

    Attributes:
        fields: what would change, `~ spec.model`, without values.
        force: apply takes fields that others own.
        remove: fields of others that apply takes out.
        uid, generation: of the live object; "" and 0 if it does not exist.
        writers: a digest of who wrote the live object and when, see `stages.seal`.
        content, stored, live: keyed digests of the manifest, of what would be stored, and of what is live; "" without
            the fingerprint key. Only an object that apply writes has the last two.
    """

    ref: ObjectRef
    state: State
    action: Action
    fields: tuple[str, ...] = ()
    force: bool = False
    remove: tuple[str, ...] = ()
    uid: str = ""
    generation: int = 0
    writers: str = ""
    content: str = ""
    stored: str = ""
    live: str = ""

    @property
    def writes(self) -> bool:
        return self.action.writes


@dataclass(frozen=True, slots=True)
class SealedSchema:
    """The schema with which the server validates and defaults the objects of a kind."""

    crd: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class SealedOptions:
    """What the command line said about this plan; that of an apply that follows it must say the same.

    Anybody who can edit the file could otherwise make an apply delete or take what its policy leaves alone.

    Attributes:
        take: fields of the only object that apply takes over from others.
        prune: None if the policy decides.
        prune_limit: None for the limits of the policy.
    """

    take: tuple[str, ...]
    prune: bool | None = None
    prune_limit: int | None = None
    allow_rollback: bool = False

    def words(self) -> tuple[str, ...]:
        """The options as they are typed."""
        prunes = {None: (), True: ("--prune",), False: ("--no-prune",)}[self.prune]
        limit = () if self.prune_limit is None else ("--prune-limit", str(self.prune_limit))
        rollback = ("--allow-rollback",) if self.allow_rollback else ()
        taken = (word for field in self.take for word in ("--take", field))
        return (*prunes, *limit, *rollback, *taken)


@dataclass(frozen=True, slots=True)
class SealedPlan:
    """The plan of one environment.

    Attributes:
        version: of the program.
        commit: full hash, "" without git.
        dirty: the working tree differed from the commit.
        cluster, cluster_uid: its name in reports; its uid is "" if it may not be read.
        settings: a digest of the settings that decide where and how an environment is applied.
        only: the addresses of the objects that `--only` selected; () for all.
        key_id: of the fingerprint key, "" without one.
    """

    version: str
    commit: str
    dirty: bool
    environment: str
    cluster: str
    cluster_uid: str
    settings: str
    schemas: tuple[SealedSchema, ...] = ()
    only: tuple[str, ...] = ()
    options: SealedOptions = SealedOptions(())
    key_id: str = ""
    objects: tuple[SealedObject, ...] = ()

    @property
    def id(self) -> str:
        """12 hex digits, for people: equal plans have the same id, and an apply compares the whole plan."""
        objects = [_values(each) | {"ref": each.ref.address} for each in self.objects]
        schemas = [_values(schema) for schema in self.schemas]
        parts = {"objects": objects, "schemas": schemas, "options": _values(self.options)}
        return digest_of(_values(self) | parts)[:12]

    @property
    def is_bound(self) -> bool:
        """Whether the plan says what would be stored: by a commit, or by keyed digests."""
        return bool(self.key_id or (self.commit and not self.dirty))


@dataclass(frozen=True, slots=True)
class Moved:
    """What is no longer as it was reviewed.

    Attributes:
        ref: None for what decides for every object.
        how: one or more sentences, separated by semicolons.
        by: who wrote the live object last; None if nobody has written it since, or that is unknown.
    """

    ref: ObjectRef | None
    how: str
    by: Writer | None = None


def _values(
    sealed: SealedPlan | SealedObject | SealedSchema | SealedOptions,
) -> dict[str, Json]:
    """The attributes by name; `asdict` would copy all of a large plan."""
    return {name: getattr(sealed, name) for name in type(sealed).__slots__}


def digest_of(value: Json) -> str:
    """An unkeyed digest, for values that nobody keeps secret: 16 hex digits."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:16]
