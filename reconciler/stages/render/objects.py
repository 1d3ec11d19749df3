"""Candidates into manifests. What is wrong with a name or a place hides nothing else: the object is judged as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.kind import Kind
from reconciler.model.applyset import PART_OF
from reconciler.model.document import Document, JsonObject
from reconciler.model.environment import Environment
from reconciler.model.finding import Severity
from reconciler.model.identity import GroupKind, Names, ObjectRef
from reconciler.model.location import Location, Origin
from reconciler.model.manifest import Manifest
from reconciler.model.path import FieldPath
from reconciler.semantics.validation.objectmeta import SERVER_FIELDS
from reconciler.stages.render.candidates import Candidate, field_key, group_kind
from reconciler.stages.render.findings import Findings
from reconciler.stages.render.naming import shown, wrong_name, wrong_namespace
from reconciler.text.suggest import did_you_mean, one_of

_LARGEST = 1536 * 1024  # bytes of a request that etcd takes by default
_NOT_AUTHORED = (*SERVER_FIELDS, "ownerReferences", "finalizers", "generateName")
_NAME: FieldPath = ("metadata", "name")


@dataclass(frozen=True, slots=True)
class Manner:
    """What differs from where objects come from.

    Attributes:
        namespace: of an object that names none; "" where it has to.
        unfit: severity of what a server takes and a source should not hold, its own fields above all.
    """

    namespace: str = ""
    unfit: Severity = Severity.ERROR

    @classmethod
    def of(cls, environment: Environment) -> Manner:
        """In an environment; its only namespace need not be named."""
        allowed = environment.namespaces
        return cls(allowed[0] if len(allowed) == 1 else "")


class Objects:
    """Judges candidates. `manifests` are those of managed kinds, with a name or without, and one object twice.

    Whatever makes one of them unfit to be applied is an error, so that no run comes to a cluster with it.
    """

    def __init__(
        self,
        environment: Environment,
        kinds: Mapping[GroupKind, Kind],
        findings: Findings,
        manner: Manner,
    ) -> None:
        self.manifests: list[Manifest] = []
        self._first: dict[ObjectRef, Candidate] = {}
        self._environment, self._kinds, self._findings = environment, kinds, findings
        self._manner = manner

    def take(self, candidate: Candidate) -> None:
        body = candidate.body
        if not isinstance(body, dict):
            message = "an object must be a mapping with apiVersion, kind and metadata"
            several = "put `---` between objects, or put them below `items` of a `kind: List`"
            hint = several if isinstance(body, list) else ""
            self._findings.add("M002", message, candidate.origin(()), hint=hint)
            return
        body = self._spelled(candidate, body)
        found = group_kind(body)
        if found is not None and found in self._kinds:
            self._keep(candidate, found, body)
            return
        if not isinstance(body.get("metadata"), dict):
            self._tell_metadata(candidate, body)
        if found is not None:
            self.refuse(candidate, found, Severity.ERROR)

    def _keep(self, candidate: Candidate, kind: GroupKind, body: JsonObject) -> None:
        metadata = body.get("metadata")
        if isinstance(metadata, dict):
            ref = self._ref(candidate, kind, metadata)
        else:
            metadata, ref = {}, ObjectRef(kind.group, kind.kind, self._manner.namespace, "")
            self._tell_metadata(candidate, body, ref)
        self._refuse_foreign_fields(candidate, ref, body, metadata)
        if ref.namespace:
            metadata = {**metadata, "namespace": metadata.get("namespace") or ref.namespace}
        document = Document.of({**body, "metadata": metadata})
        manifest = Manifest(ref, body["apiVersion"], document, candidate.origins)
        self.manifests.append(manifest)
        self._refuse_second(candidate, ref, metadata)
        self._refuse_large(candidate, manifest)

    def refuse(self, candidate: Candidate, found: GroupKind, severity: Severity) -> None:
        """An object of a kind that is not managed."""
        path: FieldPath
        field, hint = self._nearest(found)
        path, message = (field,), f"{found} is not a kind that this reconciler manages"
        origin = candidate.origin(path)
        self._findings.add("M009", message, origin, path=path, hint=hint, severity=severity)

    def _spelled(self, candidate: Candidate, body: JsonObject) -> JsonObject:
        """The body with its two type fields as they must be written; what is wrong with them is told."""
        for field in ("apiVersion", "kind"):
            key = field_key(body, field)
            if key == field and isinstance(body[field], str) and body[field]:
                continue
            path: FieldPath = (key or field,)
            message = f"`{field}` must be text" if key == field else f"`{field}` is missing"
            hint = f"write {field} instead of {key}" if key and key != field else ""
            if field == "apiVersion" and not key:
                hint = self._api_version(body)
            self._findings.add("M003", message, candidate.origin(path), path=path, hint=hint)
            if key:
                rest = {name: value for name, value in body.items() if name != key}
                body = {field: body[key], **rest}
        return body

    def _api_version(self, body: JsonObject) -> str:
        kind = body.get(field_key(body, "kind"))
        known = self._api_versions(kind)
        return f"add apiVersion: {one_of(known)}" if known else ""

    def _nearest(self, found: GroupKind) -> tuple[str, str]:
        """Which of the two is wrong, and what was probably meant."""
        if known := self._api_versions(found.kind):
            return "apiVersion", f"did you mean apiVersion {' or '.join(known)}?"
        names = [kind.kind for kind in self._kinds]
        hint = did_you_mean(found.kind, names) or f"it manages {one_of(map(str, self._kinds))}"
        return "kind", hint

    def _api_versions(self, kind: object) -> list[str]:
        """Of every managed kind of that name."""
        return sorted(
            k.endpoint.api_version for k in self._kinds.values() if k.endpoint.kind == kind
        )

    def _tell_metadata(
        self, candidate: Candidate, body: JsonObject, ref: ObjectRef | None = None
    ) -> None:
        path: FieldPath = ("metadata",)
        message = "`metadata` must be a mapping" if "metadata" in body else "`metadata` is missing"
        hint = "write metadata: {name: ...}"
        self._findings.add("M004", message, candidate.origin(path), path=path, ref=ref, hint=hint)

    def _ref(self, candidate: Candidate, kind: GroupKind, metadata: JsonObject) -> ObjectRef:
        name, namespace = metadata.get("name"), metadata.get("namespace")
        if namespace in (None, ""):
            namespace = self._manner.namespace
        ref = ObjectRef(kind.group, kind.kind, shown(namespace), shown(name))
        judged = {
            "name": wrong_name(name),
            "namespace": wrong_namespace(namespace, self._environment),
        }
        for field, wrong in judged.items():
            if wrong is not None:
                path, hint = ("metadata", field), wrong.hint
                origin = candidate.origin(path)
                self._findings.add(wrong.code, wrong.message, origin, path=path, hint=hint, ref=ref)
        return ref

    def _refuse_foreign_fields(
        self, candidate: Candidate, ref: ObjectRef, body: JsonObject, metadata: JsonObject
    ) -> None:
        """What the server or the reconciler itself writes does not belong into a source."""
        paths: list[FieldPath] = [
            ("metadata", field) for field in _NOT_AUTHORED if field in metadata
        ]
        if "status" in body:
            paths.append(("status",))
        for path in paths:
            hint = "remove it: the source says what is wanted, the server keeps the rest"
            if path[-1] == "generateName":
                hint = "give it a name: a generated one would be another object in every run"
            message = f"`{'.'.join(map(str, path))}` does not belong into a source"
            self._unfit("M008", message, candidate, path, hint, ref)
        labels = metadata.get("labels")
        if isinstance(labels, dict) and PART_OF in labels:
            path = ("metadata", "labels", PART_OF)
            message = f"the label {PART_OF} is the reconciler's own"
            self._unfit("M011", message, candidate, path, "remove it", ref)

    def _unfit(
        self,
        code: str,
        message: str,
        candidate: Candidate,
        path: FieldPath,
        hint: str,
        ref: ObjectRef,
    ) -> None:
        origin, severity = candidate.origin(path), self._manner.unfit
        self._findings.add(code, message, origin, path=path, hint=hint, ref=ref, severity=severity)

    def _refuse_large(self, candidate: Candidate, manifest: Manifest) -> None:
        size = len(manifest.document.text.encode())
        if size > _LARGEST:
            message = f"an object of {size / 1024 / 1024:.1f} MiB is more than a cluster stores"
            hint = "make it smaller: etcd takes 1.5 MiB"
            self._findings.add("M012", message, candidate.origin(()), ref=manifest.ref, hint=hint)

    def _refuse_second(self, candidate: Candidate, ref: ObjectRef, metadata: JsonObject) -> None:
        """Of two objects of one name the cluster would keep the last, in silence."""
        if not ref.name or ref.name != metadata["name"]:
            return  # it has no name that could be compared
        first = self._first.setdefault(ref, candidate)
        if first is candidate:
            return
        before, here = _told_apart(first, candidate)
        told = f" (first at {before})" if before != here else ""
        message = f"{Names.among(self._kinds).object(ref)} is defined a second time{told}"
        hint = "rename or remove one of the two"
        also = (before, *candidate.origin(_NAME).places)
        self._findings.add("M010", message, Origin(here), path=_NAME, ref=ref, hint=hint, also=also)


def _told_apart(first: Candidate, second: Candidate) -> tuple[Location, Location]:
    """Where two objects get their name from; of two that come through one macro, what called it."""
    one, two = first.origin(_NAME), second.origin(_NAME)
    if one.best != two.best:
        return one.best, two.best
    values = [place for place in one.values if place not in two.values]
    others = [place for place in two.values if place not in one.values]
    if values and others:
        return values[0], others[0]
    if first.file != second.file:
        return Location(first.file), Location(second.file)
    return one.best, two.best
