"""The ports of the core: Protocols for everything that it needs from outside. `adapters/` implements them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from reconciler.frozen import dataclass
from reconciler.model.document import Document, JsonObject
from reconciler.model.environment import Environment
from reconciler.model.identity import Endpoint
from reconciler.model.impact import Pod
from reconciler.model.live import Watched
from reconciler.model.rendering import Rendering
from reconciler.model.revision import Revision
from reconciler.model.secret import Keyring, SecretReading, SecretReference
from reconciler.semantics.schema.crd import Crd


class Clock(Protocol):
    """The clock of the machine."""

    def now(self) -> datetime:
        """The current time in UTC, with its time zone; for reports and records, not for deadlines."""
        ...

    def monotonic(self) -> float:
        """Seconds for deadlines, from an arbitrary start; they pass while the process is suspended, too."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait; a signal that ends the run ends the wait as well."""
        ...


class Stop(Protocol):
    """Tells a run to end early."""

    @property
    def requested(self) -> bool:
        """Whether the run must end: it completes the requests in flight and starts no others."""
        ...

    def hold(self) -> None:
        """The run may write from now on, so do not end it abruptly."""
        ...


class Holder(Protocol):
    """This run, as the holder of a lock."""

    @property
    def identity(self) -> str:
        """A name that no other run has, without blanks."""
        ...

    def has_ended(self, identity: str) -> bool:
        """Whether the identity is of a process of this machine that has ended; False if that is unknown."""
        ...


class Repository(Protocol):
    """The configuration repository at one revision. Paths are relative to it, with forward slashes."""

    @property
    def revision(self) -> Revision: ...

    def contains(self, commit: str) -> bool | None:
        """Whether a commit is this revision or in its history; None if that is not known, as in a shallow clone."""
        ...

    def files(self, folder: str) -> tuple[str, ...]:
        """Every regular file below a folder, sorted; () if the folder does not exist.

        Raises:
            RepositoryError: the folder contains a link or a submodule, which could lead outside the repository.
        """
        ...

    def read(self, path: str) -> str | None:
        """The text of a file; None if it does not exist.

        Raises:
            RepositoryError: the file is not UTF-8, too large, a link, or outside the repository.
        """
        ...


class Renderer(Protocol):
    """The template engine."""

    def render(self, environment: Environment) -> Rendering:
        """Render every template of an environment, deterministically: without network, files or clock."""
        ...


@dataclass(frozen=True, slots=True)
class Applied:
    """The API server's answer to a write: the object as stored (or as it would be), and its warnings."""

    document: Document
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, order=True, slots=True)
class Unreadable:
    """An object that exists but cannot be read, so it is not in the list.

    Attributes:
        message: the reason, one sentence without any value of a Secret.
        where: the file, and the line if it is known.
    """

    namespace: str
    name: str
    message: str
    where: str


class Cluster(Protocol):
    """A cluster. Every method may raise `errors.ClusterError`; if the server refuses a request, `errors.Refused`."""

    @property
    def name(self) -> str:
        """Its name in reports: `prod-eu`, `directory:.demo/prod`."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings about the connection for the report, such as TLS without verification."""
        ...

    @property
    def unchecked(self) -> tuple[str, ...]:
        """What a plan for this cluster leaves open, for the report; () for a live cluster."""
        ...

    @property
    def connections(self) -> int:
        """The maximum number of concurrent requests; every method may be called from several threads."""
        ...

    @property
    def requests(self) -> int | None:
        """How many requests it has sent, with every repetition; None if there is no server."""
        ...

    def end_waits_with(self, lost: Callable[[], bool]) -> None:
        """Do not send a request if the lock is lost while it waits at a rate limit: `errors.LockError`."""
        ...

    def uid(self) -> str:
        """The uid of the namespace kube-system, which identifies the cluster; "" if it may not be read."""
        ...

    def crd(self, endpoint: Endpoint) -> Crd | None:
        """The live CRD of a kind, from `/openapi/v3` if reading CRDs is forbidden; None if it is not installed."""
        ...

    def list(self, endpoint: Endpoint, namespace: str) -> tuple[Document, ...]:
        """All objects of a kind in a namespace, or with "" in all of them; an incomplete list is an error.

        Raises:
            Refused: FORBIDDEN, or NO_KIND.
        """
        ...

    def watch(self, endpoint: Endpoint, namespace: str, version: str, seconds: int) -> Watched:
        """The writes to the objects of a kind in a namespace within `seconds`, after `version`; "": all objects first.

        Raises:
            Refused: FORBIDDEN, without the permission `watch`; NO_KIND.
        """
        ...

    def unreadable(self, endpoint: Endpoint, namespace: str) -> tuple[Unreadable, ...]:
        """The objects that `list` leaves out because somebody broke their files; () for an API server."""
        ...

    def pods(self, namespace: str, selector: str) -> tuple[Pod, ...]:
        """The pods of a namespace that a label selector selects, without those that have ended.

        Raises:
            Refused: FORBIDDEN, or NO_KIND for a cluster that runs no pods.
        """
        ...

    def get(self, endpoint: Endpoint, namespace: str, name: str) -> Document | None:
        """One object; None if it or its namespace does not exist.

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
            Refused: for any reason; `causes` names the fields and, for a conflict, the other field managers.
        """
        ...

    def merge_patch(
        self, endpoint: Endpoint, namespace: str, name: str, patch: JsonObject, *, manager: str
    ) -> Document:
        """JSON merge patch (RFC 7386), which can take out fields of other owners: null removes a field.

        The patch has the resourceVersion with which the object was read.

        Raises:
            Refused: STALE if someone else has written the object since, NOT_FOUND, FORBIDDEN, INVALID.
        """
        ...

    def create(self, endpoint: Endpoint, body: Document) -> Document:
        """POST.

        Raises:
            Refused: EXISTS, NO_NAMESPACE, FORBIDDEN, INVALID.
        """
        ...

    def replace(self, endpoint: Endpoint, body: Document) -> Document:
        """PUT; the body has the resourceVersion with which it was read.

        Raises:
            Refused: STALE if someone else has written the object since, NOT_FOUND.
        """
        ...

    def delete(
        self, endpoint: Endpoint, namespace: str, name: str, *, uid: str, resource_version: str = ""
    ) -> None:
        """DELETE with preconditions; an object that no longer exists is no error.

        Raises:
            Refused: STALE if the uid or the resourceVersion is not the live one.
        """
        ...

    def keyring(self, namespace: str, name: str) -> Keyring | None:
        """The fingerprint key, from a Secret; None if the Secret does not exist.

        Raises:
            Refused: FORBIDDEN, or INVALID if the Secret holds no valid key.
        """
        ...

    def draft_keyring(self) -> Keyring:
        """A new fingerprint key (32 random bytes), which the next `create_keyring` stores."""
        ...

    def create_keyring(self, namespace: str, name: str) -> Keyring:
        """Store the draft of the fingerprint key, or a new one; return it, or the one that another run stored first."""
        ...

    def read_secret(
        self,
        namespace: str,
        name: str,
        references: Sequence[SecretReference],
        keyring: Keyring | None,
        environment: str,
    ) -> tuple[SecretReading, ...]:
        """Read a Secret with one GET; the result of each reference to it, in order, without any value.

        A read that fails or is forbidden is a state of the readings, not an exception.
        """
        ...


class Redactor(Protocol):
    """Removes the secret values that this process has read from texts, in every encoding in which they may occur."""

    def register(self, value: bytes) -> None: ...

    def clean(self, text: str) -> str:
        """A text that others wrote, or a value, with every registered value replaced by `(redacted)`."""
        ...

    def clean_name(self, text: str) -> str:
        """The same for a name or a text of the program, in which a value that is an ordinary word stays."""
        ...

    def leaks(self, text: str) -> bool:
        """Whether the text contains a registered value that `clean_name` removes: the last check before writing."""
        ...
