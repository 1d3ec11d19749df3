"""What the policy says about live objects, and objects that no git and no record of ours has."""

from __future__ import annotations

from reconciler.frozen import dataclass
from reconciler.model.difference import Writer
from reconciler.model.document import Document
from reconciler.model.identity import ObjectRef


@dataclass(frozen=True, slots=True)
class LiveFinding:
    """A live value that the policy of the environment forbids.

    Attributes:
        code: of the rule, as for a manifest.
        path: the field, as reports print it.
        by: who wrote the live value; None if nobody owns it.
    """

    ref: ObjectRef
    code: str
    path: str
    message: str
    hint: str = ""
    by: Writer | None = None


@dataclass(frozen=True, slots=True)
class UnmanagedObject:
    """An object of a managed kind, in a namespace of the environment, that is neither in git nor ours.

    Attributes:
        by: who wrote it first; None if managedFields do not say.
        fails: `policy.unmanaged` is `fail`.
    """

    ref: ObjectRef
    by: Writer | None = None
    fails: bool = False
    findings: tuple[LiveFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class Watched:
    """What a window of a watch has shown.

    Attributes:
        documents: the objects that were written, as they are now.
        deleted: the names of those that no longer exist.
        complete: it is a list, so that no other objects exist.
        version: where the next window continues; "" if it begins with all objects again.
    """

    documents: tuple[Document, ...] = ()
    deleted: frozenset[str] = frozenset()
    version: str = ""
    complete: bool = False
