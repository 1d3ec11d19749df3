"""Parts from outside that fail where a test wants it: each wraps a real one, or is as small as the port allows."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Lock

from reconciler.model.document import Document, JsonObject, dig
from reconciler.model.environment import Environment
from reconciler.model.identity import Endpoint
from reconciler.model.impact import Pod
from reconciler.model.live import Watched
from reconciler.model.rendering import Rendered, Rendering, Span
from reconciler.model.secret import Keyring, SecretReading, SecretReference
from reconciler.ports import Applied, Cluster, Unreadable
from reconciler.semantics.schema.crd import Crd


@dataclass(frozen=True, slots=True)
class Call:
    """One request: the port's word for it (`dry-run` for such an apply), and what it was about."""

    verb: str
    kind: str = ""
    name: str = ""
    force: bool = False
    body: Document | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Fault:
    """Which requests fail, and how; an empty field means any."""

    error: Exception
    verb: str = ""
    kind: str = ""
    name: str = ""
    forced: bool | None = None

    def hits(self, call: Call) -> bool:
        return (
            self.verb in ("", call.verb)
            and self.kind in ("", call.kind)
            and self.name in ("", call.name)
            and self.forced in (None, call.force)
        )


class FaultyCluster:
    """`ports.Cluster`: a real one that counts what it is asked, and fails where it is told to."""

    def __init__(
        self,
        inner: Cluster,
        *faults: Fault,
        says: tuple[str, ...] = (),
        warnings: tuple[str, ...] = (),
        uid: str | None = None,
        pods: tuple[Pod, ...] | None = None,
    ) -> None:
        self.inner = inner
        self.faults = faults
        self.calls: builtins.list[Call] = []
        self.warnings = warnings
        self.unchecked = inner.unchecked
        self.connections = 4
        self.requests: int | None = None
        self._says = says  # the warnings of every answer to an apply
        self._uid = uid
        self._pods = pods  # of a cluster that runs some
        self._lock = Lock()

    @property
    def name(self) -> str:
        return self.inner.name

    def of(self, *verbs: str) -> builtins.list[Call]:
        """The calls so far of these verbs."""
        return [call for call in self.calls if call.verb in verbs]

    @property
    def writes(self) -> builtins.list[Call]:
        """Every write but those of the lock."""
        calls = self.of("apply", "merge-patch", "create", "replace", "delete", "create-keyring")
        return [call for call in calls if call.kind != "Lease"]

    def end_waits_with(self, lost: Callable[[], bool]) -> None:
        self.inner.end_waits_with(lost)

    def uid(self) -> str:
        self._meet(Call("uid"))
        return self.inner.uid() if self._uid is None else self._uid

    def crd(self, endpoint: Endpoint) -> Crd | None:
        self._meet(Call("crd", endpoint.kind))
        return self.inner.crd(endpoint)

    def list(self, endpoint: Endpoint, namespace: str) -> tuple[Document, ...]:
        self._meet(Call("list", endpoint.kind, namespace))
        return self.inner.list(endpoint, namespace)

    def watch(self, endpoint: Endpoint, namespace: str, version: str, seconds: int) -> Watched:
        self._meet(Call("watch", endpoint.kind, namespace))
        return self.inner.watch(endpoint, namespace, version, seconds)

    def unreadable(self, endpoint: Endpoint, namespace: str) -> tuple[Unreadable, ...]:
        return self.inner.unreadable(endpoint, namespace)

    def pods(self, namespace: str, selector: str) -> tuple[Pod, ...]:
        self._meet(Call("pods", "Pod", f"{namespace} {selector}"))
        if self._pods is None:
            return self.inner.pods(namespace, selector)
        label, _, value = selector.partition("=")
        return tuple(
            pod
            for pod in self._pods
            if pod.namespace == namespace
            and dict(pod.labels).get(label, "") in (value, value or dict(pod.labels).get(label))
        )

    def get(self, endpoint: Endpoint, namespace: str, name: str) -> Document | None:
        self._meet(Call("get", endpoint.kind, name))
        return self.inner.get(endpoint, namespace, name)

    def apply(
        self,
        endpoint: Endpoint,
        body: Document,
        *,
        manager: str,
        force: bool = False,
        dry_run: bool = False,
    ) -> Applied:
        verb = "dry-run" if dry_run else "apply"
        self._meet(Call(verb, endpoint.kind, _name(body), force, body))
        answer = self.inner.apply(endpoint, body, manager=manager, force=force, dry_run=dry_run)
        return replace(answer, warnings=(*answer.warnings, *self._says))

    def merge_patch(
        self, endpoint: Endpoint, namespace: str, name: str, patch: JsonObject, *, manager: str
    ) -> Document:
        self._meet(Call("merge-patch", endpoint.kind, name, body=Document.of(patch)))
        return self.inner.merge_patch(endpoint, namespace, name, patch, manager=manager)

    def create(self, endpoint: Endpoint, body: Document) -> Document:
        self._meet(Call("create", endpoint.kind, _name(body), body=body))
        return self.inner.create(endpoint, body)

    def replace(self, endpoint: Endpoint, body: Document) -> Document:
        self._meet(Call("replace", endpoint.kind, _name(body), body=body))
        return self.inner.replace(endpoint, body)

    def delete(
        self, endpoint: Endpoint, namespace: str, name: str, *, uid: str, resource_version: str = ""
    ) -> None:
        sent = Document.of({"uid": uid, "resourceVersion": resource_version})
        self._meet(Call("delete", endpoint.kind, name, body=sent))
        self.inner.delete(endpoint, namespace, name, uid=uid, resource_version=resource_version)

    def keyring(self, namespace: str, name: str) -> Keyring | None:
        self._meet(Call("keyring", "Secret", name))
        return self.inner.keyring(namespace, name)

    def draft_keyring(self) -> Keyring:
        return self.inner.draft_keyring()

    def create_keyring(self, namespace: str, name: str) -> Keyring:
        self._meet(Call("create-keyring", "Secret", name))
        return self.inner.create_keyring(namespace, name)

    def read_secret(
        self,
        namespace: str,
        name: str,
        references: Sequence[SecretReference],
        keyring: Keyring | None,
        environment: str,
    ) -> tuple[SecretReading, ...]:
        self._meet(Call("read-secret", "Secret", name))
        return self.inner.read_secret(namespace, name, references, keyring, environment)

    def _meet(self, call: Call) -> None:
        with self._lock:
            self.calls.append(call)
        for fault in self.faults:
            if fault.hits(call):
                raise fault.error


def _name(body: Document) -> str:
    return str(dig(body.body(), "metadata", "name"))


class PlainRenderer:
    """`ports.Renderer` of templates without a tag: the text is the template, or the error of its environment."""

    def __init__(self, failures: Mapping[str, Exception] | None = None) -> None:
        self._failures = failures or {}

    def render(self, environment: Environment) -> Rendering:
        if environment.name in self._failures:
            raise self._failures[environment.name]
        files = tuple(
            Rendered(file.path, file.text, tuple(_spans(file.path, file.text)))
            for file in environment.templates
        )
        return Rendering(files, ())


def _spans(path: str, text: str) -> builtins.list[Span]:
    spans, start = [], 0
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        spans.append(Span(start, start + len(line), path, number, 1))
        start += len(line)
    return spans


@dataclass
class StoppedClock:
    """`ports.Clock` that stands until a test moves it, or somebody sleeps."""

    time: datetime = datetime(2026, 8, 1, 12, 0, 0, tzinfo=UTC)
    seconds: float = 1000.0

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.time += timedelta(seconds=seconds)


@dataclass
class Signals:
    """`ports.Stop`: asked for from the start, never, or when a test sets it."""

    requested: bool = False
    held: bool = False

    def hold(self) -> None:
        self.held = True


@dataclass
class NoRedactor:
    """`ports.Redactor` that knows nothing."""

    def register(self, value: bytes) -> None:
        """Forget it."""

    def clean(self, text: str) -> str:
        return text

    def clean_name(self, text: str) -> str:
        return text

    def leaks(self, text: str) -> bool:
        del text
        return False


@dataclass
class NamedHolder:
    """`ports.Holder` that knows which other processes have ended."""

    identity: str = "runner/1/machine-run"
    ended: frozenset[str] = frozenset()

    def has_ended(self, identity: str) -> bool:
        return identity in self.ended
