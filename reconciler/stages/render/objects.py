"""One document into one manifest, when it is an object that the environment may write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from reconciler.kind import Kind
from reconciler.model.applyset import PART_OF
from reconciler.model.diagnostic import Severity
from reconciler.model.document import Document, Json, JsonObject
from reconciler.model.environment import Environment
from reconciler.model.identity import GroupKind, ObjectRef
from reconciler.model.location import Origin
from reconciler.model.manifest import Manifest
from reconciler.model.path import FieldPath, starts_with
from reconciler.semantics.objectmeta import SERVER_FIELDS
from reconciler.stages.render.findings import Findings
from reconciler.stages.render.sourcemap import SourceMap
from reconciler.text.suggest import did_you_mean, one_of
from reconciler.text.yaml import YamlDocument

# RFC 1123 subdomain, as the API server checks names of custom resources.
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_NAME_LENGTH = 253
_LARGEST = 1536 * 1024  # bytes of a request that etcd takes by default
_NOT_AUTHORED = (*SERVER_FIELDS, "ownerReferences", "finalizers", "generateName")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An object of a rendered text: a document, or an element of a List in one."""

    body: Json
    origins: Mapping[FieldPath, Origin]

    def origin(self, path: FieldPath) -> Origin:
        return next(o for end in range(len(path), -1, -1) if (o := self.origins.get(path[:end])))


def candidates(document: YamlDocument, sources: SourceMap) -> Iterator[Candidate]:
    """The objects of a document; a List is taken apart as kubectl does."""
    origins = {path: sources.origin(place) for path, place in document.places.items()}
    yield from _apart(Candidate(document.value, origins))


def _apart(candidate: Candidate) -> Iterator[Candidate]:
    body = candidate.body
    if not (
        isinstance(body, dict)
        and isinstance(body.get("items"), list)
        and str(body.get("kind", "")).endswith("List")
    ):
        yield candidate
        return
    for index, element in enumerate(body["items"]):
        prefix: FieldPath = ("items", index)
        inside = {
            path[2:]: origin
            for path, origin in candidate.origins.items()
            if starts_with(path, prefix)
        }
        yield from _apart(Candidate(element, inside))


class Objects:
    """Judges candidates, and keeps those that are fit as manifests."""

    # Of what a server takes and a source should not hold: its own fields, one object twice.
    UNFIT: ClassVar[Severity] = Severity.ERROR

    def __init__(
        self, environment: Environment, kinds: Mapping[GroupKind, Kind], findings: Findings
    ) -> None:
        self.manifests: dict[ObjectRef, Manifest] = {}
        self._environment, self._kinds, self._findings = environment, kinds, findings

    def take(self, candidate: Candidate) -> None:
        body = candidate.body
        if not isinstance(body, dict):
            message = "an object must be a mapping with apiVersion, kind and metadata"
            self._findings.add("M002", message, candidate.origin(()))
            return
        kind = self._kind(candidate, body)
        metadata = self._metadata(candidate, body)
        if kind is None or metadata is None:
            return
        ref = self._ref(candidate, kind, metadata)
        self._refuse_foreign_fields(candidate, ref, body, metadata)
        if ref is not None and self._is_new(candidate, ref):
            metadata["namespace"] = ref.namespace
            manifest = Manifest(ref, body["apiVersion"], Document.of(body), candidate.origins)
            self.manifests[ref] = manifest
            self._refuse_large(candidate, manifest)

    def _kind(self, candidate: Candidate, body: JsonObject) -> GroupKind | None:
        fit = True
        for field in ("apiVersion", "kind"):
            if not isinstance(body.get(field), str) or not body[field]:
                message = f"`{field}` must be text" if field in body else f"`{field}` is missing"
                self._findings.add("M003", message, candidate.origin((field,)), path=(field,))
                fit = False
        if not fit:
            return None
        group = body["apiVersion"].rpartition("/")[0]
        found = GroupKind(group, body["kind"])
        if found in self._kinds:
            return found
        self._unmanaged(candidate, found)
        return None

    def _unmanaged(self, candidate: Candidate, found: GroupKind) -> None:
        self._tell_unmanaged(candidate, found, Severity.ERROR)

    def _tell_unmanaged(self, candidate: Candidate, found: GroupKind, severity: Severity) -> None:
        path: FieldPath
        field, hint = self._nearest(found)
        path, message = (field,), f"{found} is not a kind that this reconciler manages"
        origin = candidate.origin(path)
        self._findings.add("M009", message, origin, path=path, hint=hint, severity=severity)

    def _nearest(self, found: GroupKind) -> tuple[str, str]:
        """Which of the two is wrong, and what was probably meant."""
        by_name = {kind.kind: kind for kind in self._kinds}
        if found.kind in by_name:
            api_version = self._kinds[by_name[found.kind]].endpoint.api_version
            return "apiVersion", f"did you mean apiVersion {api_version}?"
        hint = did_you_mean(found.kind, by_name) or f"it manages {one_of(map(str, self._kinds))}"
        return "kind", hint

    def _metadata(self, candidate: Candidate, body: JsonObject) -> JsonObject | None:
        metadata = body.get("metadata")
        if isinstance(metadata, dict):
            return metadata
        message = "`metadata` must be a mapping" if "metadata" in body else "`metadata` is missing"
        self._findings.add("M004", message, candidate.origin(("metadata",)), path=("metadata",))
        return None

    def _ref(self, candidate: Candidate, kind: GroupKind, metadata: JsonObject) -> ObjectRef | None:
        name, namespace = self._name(candidate, metadata), self._namespace(candidate, metadata)
        if not name or not namespace:
            return None
        return ObjectRef(kind.group, kind.kind, namespace, name)

    def _name(self, candidate: Candidate, metadata: JsonObject) -> str:
        name = metadata.get("name")
        path = ("metadata", "name")
        origin = candidate.origin(path)
        if name is None:
            self._findings.add("M004", "`metadata.name` is missing", origin, path=path)
        elif not isinstance(name, str):
            self._findings.add("M005", "a name must be text", origin, path=path, hint="quote it")
        elif len(name) > _NAME_LENGTH:
            self._findings.add(
                "M005", f"a name has at most {_NAME_LENGTH} characters", origin, path=path
            )
        elif not _NAME.fullmatch(name):
            message = "a name has lower case letters, digits, `-` and `.`, the last two only inside"
            hint = f"did you mean {fixed}?" if (fixed := _fixed(name)) else ""
            self._findings.add("M005", message, origin, path=path, hint=hint)
        else:
            return name
        return ""

    def _namespace(self, candidate: Candidate, metadata: JsonObject) -> str:
        allowed = self._environment.namespaces
        namespace = metadata.get("namespace")
        path = ("metadata", "namespace")
        origin = candidate.origin(path)
        if namespace in (None, ""):
            if len(allowed) == 1:
                return allowed[0]
            hint = f"the environment may write to {one_of(allowed)}"
            self._findings.add(
                "M006", "`metadata.namespace` is missing", origin, path=path, hint=hint
            )
        elif not isinstance(namespace, str):
            self._findings.add(
                "M006", "a namespace must be text", origin, path=path, hint="quote it"
            )
        elif allowed and namespace not in allowed:
            message = f"the environment may not write to the namespace {_plain(namespace)}"
            hint = (
                did_you_mean(namespace, allowed)
                or f"add it to `namespaces` in {self._environment.file}"
            )
            self._findings.add("M007", message, origin, path=path, hint=hint)
        else:
            return namespace
        return ""

    def _refuse_foreign_fields(
        self, candidate: Candidate, ref: ObjectRef | None, body: JsonObject, metadata: JsonObject
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
        ref: ObjectRef | None,
    ) -> None:
        origin, severity = candidate.origin(path), self.UNFIT
        self._findings.add(code, message, origin, path=path, hint=hint, ref=ref, severity=severity)

    def _refuse_large(self, candidate: Candidate, manifest: Manifest) -> None:
        size = len(manifest.document.text.encode())
        if size > _LARGEST:
            message = f"an object of {size / 1024 / 1024:.1f} MiB is more than a cluster stores"
            self._findings.add("M012", message, candidate.origin(()), ref=manifest.ref)

    def _is_new(self, candidate: Candidate, ref: ObjectRef) -> bool:
        first = self.manifests.get(ref)
        if first is None:
            return True
        origin = candidate.origin(("metadata", "name"))
        place = first.origin(("metadata", "name")).template
        message = f"{ref} is defined a second time (first at {place})"
        hint = "rename or remove one of the two"
        self._findings.add(
            "M010",
            message,
            origin,
            path=("metadata", "name"),
            ref=ref,
            hint=hint,
            severity=self.UNFIT,
            also=(place,),
        )
        return False


def _fixed(name: str) -> str:
    fixed = re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.")
    return fixed if _NAME.fullmatch(fixed) and len(fixed) <= _NAME_LENGTH else ""


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text[:63])
