"""The deps of the pure core: what it needs from outside, as Protocols. `adapters/` implements them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from reconciler.model.document import Document
from reconciler.model.environment import Environment
from reconciler.model.finding import Finding
from reconciler.model.identity import Endpoint
from reconciler.model.path import FieldPath
from reconciler.model.revision import Revision
from reconciler.model.secret import Keyring, SecretReading, SecretReference
from reconciler.semantics.schema.crd import Crd


class Clock(Protocol):
    """The time of day."""

    def now(self) -> datetime:
        """The time, aware, in UTC: for people and records, never for a deadline."""
        ...


class Stop(Protocol):
    """Whether a run is to come to its end early."""

    @property
    def requested(self) -> bool:
        """Whether someone wants this run to end: what is under way ends, nothing new begins."""
        ...


class Repository(Protocol):
    """The configuration repository at one revision. Paths are relative to it, with forward slashes."""

    @property
    def revision(self) -> Revision: ...

    def files(self, folder: str) -> tuple[str, ...]:
        """Every regular file below a folder, sorted; () for a folder that is not there.

        Raises:
            RepositoryError: a link or a submodule stands there: nothing outside of the repository is read.
        """
        ...

    def read(self, path: str) -> str | None:
        """The text of a file, None when there is none.

        Raises:
            RepositoryError: not UTF-8, too large, a link, or outside of the repository.
        """
        ...


class Spelling(StrEnum):
    """How a piece of text came to be written."""

    TEXT = "text"  # it stands in the template, character by character: columns are exact
    PLAIN = "plain"  # a string that an expression wrote as it is: it must stay inside of one scalar
    QUOTED = "quoted"  # a number or boolean, or a value that went through tojson or toyaml


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of rendered text and where it comes from.

    Attributes:
        start, end: offsets in the rendered text, in characters.
        template, line, column: of the template that produced it (of the `{{` for an expression); column 0 is unknown.
        reads: paths of the values that were read for it.
    """

    start: int
    end: int
    template: str
    line: int
    column: int = 0
    reads: tuple[FieldPath, ...] = ()
    spelling: Spelling = Spelling.TEXT


@dataclass(frozen=True, slots=True)
class Rendered:
    """The text that one template became; `spans` cover it without gaps, in order."""

    template: str
    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Rendering:
    """All templates of one environment; a template that failed is a finding, the others still count.

    Attributes:
        unread: values that no template looked at, () unless all were rendered; a mapping stands for all below it.
        missed: values that templates asked for and that are not there (`default` and `is defined` allow it).
    """

    files: tuple[Rendered, ...]
    findings: tuple[Finding, ...]
    unread: tuple[FieldPath, ...] = ()
    missed: tuple[FieldPath, ...] = ()


class Renderer(Protocol):
    """The template engine."""

    def render(self, environment: Environment) -> Rendering:
        """Render every template of an environment: deterministic, without network, files or clock."""
        ...


@dataclass(frozen=True, slots=True)
class Applied:
    """The API server's answer to a write: the object as stored (or as it would be), and its warnings."""

    document: Document
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, order=True, slots=True)
class Unreadable:
    """An object that is there and that nobody can read: neither in the list, nor gone.

    Attributes:
        message: what is wrong with it, one sentence; never a value of a Secret.
        where: the file, and the line where that is known.
    """

    namespace: str
    name: str
    message: str
    where: str


class Cluster(Protocol):
    """Live state. Every method raises `errors.ClusterError`; a refusal about one object is `errors.Refused`."""

    @property
    def name(self) -> str:
        """For people: `prod-eu`, `directory:.demo/prod`."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know about this connection: TLS that is not verified, say."""
        ...

    @property
    def connections(self) -> int:
        """How many requests may be under way at once; every method may be called from several threads."""
        ...

    def uid(self) -> str:
        """The uid of the namespace kube-system: which cluster this is. "" when it may not be read."""
        ...

    def crd(self, endpoint: Endpoint) -> Crd | None:
        """The live CRD of a kind, None when it is not installed.

        Where reading CRDs is forbidden the same schema comes from `/openapi/v3`.
        """
        ...

    def list(self, endpoint: Endpoint, namespace: str) -> tuple[Document, ...]:
        """All objects of a kind in a namespace, whole: a list that broke on the way is an error, never a part.

        Raises:
            Refused: FORBIDDEN, or NO_KIND.
        """
        ...

    def unreadable(self, endpoint: Endpoint, namespace: str) -> tuple[Unreadable, ...]:
        """What `list` had to leave out: each of these is failed, and must never look as deleted.

        Only a directory has any (a file that a person broke); an API server answers ().
        """
        ...

    def get(self, endpoint: Endpoint, namespace: str, name: str) -> Document | None:
        """One object, None when it is not there (or its namespace is not).

        Raises:
            Refused: FAILED for an object of `unreadable`.
        """
        ...

    def apply(
        self,
        endpoint: Endpoint,
        body: Document,
        *,
        manager: str,
        force: bool = False,
        dry_run: bool = False,
    ) -> Applied:
        """Server-side apply with strict field validation (KEP-555).

        Preconditions travel in the body: `metadata.uid`, `metadata.resourceVersion` ("1": must not exist yet).

        Raises:
            Refused: every kind of it; `causes` names the fields, and the other managers of a conflict.
        """
        ...

    def create(self, endpoint: Endpoint, body: Document) -> Document:
        """POST.

        Raises:
            Refused: EXISTS, NO_NAMESPACE, FORBIDDEN, INVALID.
        """
        ...

    def replace(self, endpoint: Endpoint, body: Document) -> Document:
        """PUT; the body carries the resourceVersion it was read with.

        Raises:
            Refused: STALE when someone else wrote meanwhile, NOT_FOUND.
        """
        ...

    def delete(
        self, endpoint: Endpoint, namespace: str, name: str, *, uid: str, resource_version: str = ""
    ) -> None:
        """DELETE with preconditions; an object that is gone already is done.

        Raises:
            Refused: STALE when it is another object, or has moved.
        """
        ...

    def keyring(self, namespace: str, name: str) -> Keyring | None:
        """The fingerprint key of this installation, from a Secret; None when it is not there.

        Raises:
            Refused: FORBIDDEN, or INVALID when the Secret holds no usable key.
        """
        ...

    def create_keyring(self, namespace: str, name: str) -> Keyring:
        """Make the fingerprint key (32 random bytes) where it is missing, and return the one that counts."""
        ...

    def read_secret(
        self,
        namespace: str,
        name: str,
        references: Sequence[SecretReference],
        keyring: Keyring | None,
        environment: str,
    ) -> tuple[SecretReading, ...]:
        """One GET of a Secret, and what each reference to it resolves to, in order. No value leaves.

        Never raises for one Secret: forbidden and failed reads are states.
        """
        ...


class Redactor(Protocol):
    """Knows every secret value that was read in this process, in the encodings it could appear in."""

    def register(self, value: bytes) -> None: ...

    def clean(self, text: str) -> str:
        """The text with every registered value replaced by `(redacted)`."""
        ...

    def leaks(self, text: str) -> bool:
        """Whether a registered value stands in the text: the last check before a sink."""
        ...
