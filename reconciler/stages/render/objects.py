"""Reads candidates into manifests. A finding on a name or a field hides no other: later stages validate the object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.frozen import dataclass
from reconciler.kind import FieldFinding, Kind
from reconciler.model import hold, stamp
from reconciler.model.applyset import PART_OF
from reconciler.model.document import Document, JsonObject
from reconciler.model.environment import Environment
from reconciler.model.finding import Severity
from reconciler.model.identity import GroupKind, Names, ObjectRef
from reconciler.model.location import Location, Origin
from reconciler.model.manifest import Manifest
from reconciler.model.path import FieldPath, show
from reconciler.semantics.validation.objectmeta import SERVER_FIELDS
from reconciler.stages.render.candidates import Candidate, field_key, group_kind
from reconciler.stages.render.findings import RenderFindings
from reconciler.stages.render.naming import check_name, check_namespace, printed_name
from reconciler.text.suggest import did_you_mean, one_of

_LARGEST = 1536 * 1024  # bytes of a request that etcd accepts by default
_NOT_AUTHORED = (*SERVER_FIELDS, "ownerReferences", "finalizers", "generateName")
_NAME: FieldPath = ("metadata", "name")


@dataclass(frozen=True, slots=True)
class SourceMode:
    """How to read objects, which differs between templates and plain files.

    Attributes:
        default_namespace: of an object without one; "" if each object must have one.
        server_fields: the severity of fields that a server accepts, and that do not belong in a source.
    """

    default_namespace: str = ""
    server_fields: Severity = Severity.ERROR

    @classmethod
    def of(cls, environment: Environment) -> SourceMode:
        """For templates of an environment; if it has only one namespace, that is the default."""
        allowed = environment.namespaces
        return cls(allowed[0] if len(allowed) == 1 else "")


class ObjectReader:
    """Reads candidates. `manifests` has the objects of managed kinds, even without a name, even the same one twice.

    Whatever prevents one of them from being applied is an error, so no run reaches a cluster with it.
    """

    def __init__(
        self,
        environment: Environment,
        kinds: Mapping[GroupKind, Kind],
        findings: RenderFindings,
        mode: SourceMode,
    ) -> None:
        self.manifests: list[Manifest] = []
        self._first: dict[ObjectRef, Candidate] = {}
        self._environment, self._kinds, self._findings = environment, kinds, findings
        self._mode = mode

    def read(self, candidate: Candidate) -> None:
        body = candidate.body
        if not isinstance(body, dict):
            message = "an object must be a mapping with apiVersion, kind and metadata"
            several = "put `---` between objects, or put them below `items` of a `kind: List`"
            hint = several if isinstance(body, list) else ""
            self._findings.add("M002", message, candidate.origin(()), hint=hint)
            return
        body = self._corrected_type(candidate, body)
        declared = group_kind(body)
        if declared is not None and declared in self._kinds:
            self._add_manifest(candidate, declared, body)
            return
        if not isinstance(body.get("metadata"), dict):
            self._report_metadata(candidate, body)
        if declared is not None:
            self.report_unmanaged(candidate, declared, Severity.ERROR)

    def _add_manifest(self, candidate: Candidate, kind: GroupKind, body: JsonObject) -> None:
        metadata = body.get("metadata")
        if isinstance(metadata, dict):
            ref = self._checked_ref(candidate, kind, metadata)
        else:
            metadata, ref = {}, ObjectRef(kind.group, kind.kind, self._mode.default_namespace, "")
            self._report_metadata(candidate, body, ref)
        for finding in _check_server_fields(body, metadata, self._mode.server_fields):
            self._findings.add_field_finding(finding, candidate.origin(finding.path), ref)
        if ref.namespace:
            metadata = {**metadata, "namespace": metadata.get("namespace") or ref.namespace}
        document = Document.of({**body, "metadata": metadata})
        manifest = Manifest(ref, body["apiVersion"], document, candidate.origins)
        self.manifests.append(manifest)
        self._report_duplicate(candidate, ref, metadata)
        self._report_size(candidate, manifest)

    def report_unmanaged(
        self, candidate: Candidate, declared: GroupKind, severity: Severity
    ) -> None:
        """Add the finding on an object of a kind that is not managed."""
        field, hint = self._type_hint(declared)
        path: FieldPath = (field,)
        message, origin = f"{declared} is not a managed kind", candidate.origin(path)
        self._findings.add("M009", message, origin, path=path, hint=hint, severity=severity)

    def _corrected_type(self, candidate: Candidate, body: JsonObject) -> JsonObject:
        """The body with correctly spelled keys `apiVersion` and `kind`; adds the findings on these two fields."""
        for field in ("apiVersion", "kind"):
            key = field_key(body, field)
            if key == field and isinstance(body[field], str) and body[field]:
                continue
            path: FieldPath = (key or field,)
            message = f"`{field}` must be a string" if key == field else f"`{field}` is missing"
            hint = f"write {field} instead of {key}" if key and key != field else ""
            if field == "apiVersion" and not key:
                hint = self._api_version_hint(body)
            self._findings.add("M003", message, candidate.origin(path), path=path, hint=hint)
            if key:
                rest = {name: value for name, value in body.items() if name != key}
                body = {field: body[key], **rest}
        return body

    def _api_version_hint(self, body: JsonObject) -> str:
        kind = body.get(field_key(body, "kind"))
        known = self._api_versions(kind)
        return f"add apiVersion: {one_of(known)}" if known else ""

    def _type_hint(self, declared: GroupKind) -> tuple[str, str]:
        """Which of apiVersion and kind is wrong, and how to correct it."""
        if known := self._api_versions(declared.kind):
            return "apiVersion", f"did you mean apiVersion {' or '.join(known)}?"
        names = [kind.kind for kind in self._kinds]
        managed = f"managed kinds: {one_of(map(str, self._kinds))}"
        return "kind", did_you_mean(declared.kind, names) or managed

    def _api_versions(self, name: object) -> list[str]:
        """The apiVersions of all managed kinds with a name."""
        endpoints = (kind.endpoint for kind in self._kinds.values())
        return sorted(endpoint.api_version for endpoint in endpoints if endpoint.kind == name)

    def _report_metadata(
        self, candidate: Candidate, body: JsonObject, ref: ObjectRef | None = None
    ) -> None:
        path: FieldPath = ("metadata",)
        message = "`metadata` must be a mapping" if "metadata" in body else "`metadata` is missing"
        hint = "write metadata: {name: ...}"
        self._findings.add("M004", message, candidate.origin(path), path=path, ref=ref, hint=hint)

    def _checked_ref(
        self, candidate: Candidate, kind: GroupKind, metadata: JsonObject
    ) -> ObjectRef:
        name, namespace = metadata.get("name"), metadata.get("namespace")
        if namespace in (None, ""):
            namespace = self._mode.default_namespace
        ref = ObjectRef(kind.group, kind.kind, printed_name(namespace), printed_name(name))
        for finding in (check_name(name), check_namespace(namespace, self._environment)):
            if finding is not None:
                self._findings.add_field_finding(finding, candidate.origin(finding.path), ref)
        return ref

    def _report_size(self, candidate: Candidate, manifest: Manifest) -> None:
        size = len(manifest.document.text.encode())
        if size > _LARGEST:
            message = f"this object has {size / 1024 / 1024:.1f} MiB, more than a cluster stores"
            hint = "make it smaller: etcd accepts 1.5 MiB"
            self._findings.add("M012", message, candidate.origin(()), ref=manifest.ref, hint=hint)

    def _report_duplicate(self, candidate: Candidate, ref: ObjectRef, metadata: JsonObject) -> None:
        """The cluster would silently keep the second of two objects with the same name."""
        if not ref.name or ref.name != metadata["name"]:
            return  # without a valid name it cannot be compared
        first = self._first.setdefault(ref, candidate)
        if first is candidate:
            return
        before, where = _name_locations(first, candidate)
        note = f" (first at {before})" if before != where else ""
        message = f"{Names.among(self._kinds).object(ref)} is defined a second time{note}"
        hint = "rename or remove one of the two"
        also = (before, *candidate.origin(_NAME).places)
        self._findings.add(
            "M010", message, Origin(where), path=_NAME, ref=ref, hint=hint, also=also
        )


def _check_server_fields(
    body: JsonObject, metadata: JsonObject, severity: Severity
) -> Iterator[FieldFinding]:
    """Fields that the server or the reconciler itself writes do not belong in a source."""
    paths: list[FieldPath] = [("metadata", field) for field in _NOT_AUTHORED if field in metadata]
    if "status" in body:
        paths.append(("status",))
    for path in paths:
        hint = "remove it: only the server and its controllers set this field"
        if path[-1] == "generateName":
            hint = "write metadata.name: with a generated name every run would create an object"
        message = f"`{show(path)}` does not belong in a manifest"
        yield FieldFinding("M008", severity, path, message, hint)
    labels = metadata.get("labels")
    if isinstance(labels, dict) and PART_OF in labels:
        message = f"the label {PART_OF} is reserved for the reconciler"
        yield FieldFinding("M011", severity, ("metadata", "labels", PART_OF), message, "remove it")
    annotations = metadata.get("annotations")
    for name in (stamp.ANNOTATION, hold.ANNOTATION):
        if isinstance(annotations, dict) and name in annotations:
            message = f"the annotation {name} is reserved for the reconciler"
            path = ("metadata", "annotations", name)
            yield FieldFinding("M011", severity, path, message, "remove it")


def _name_locations(first: Candidate, second: Candidate) -> tuple[Location, Location]:
    """Where each of two objects gets its name, as two different locations if possible.

    If both names come from one line of a macro, they are the values that the names are made of, or the templates that
    call the macro.
    """
    before, after = first.origin(_NAME), second.origin(_NAME)
    if before.best != after.best:
        return before.best, after.best
    values = [place for place in before.values if place not in after.values]
    others = [place for place in after.values if place not in before.values]
    if values and others:
        return values[0], others[0]
    if first.file != second.file:
        return Location(first.file), Location(second.file)
    return before.best, after.best
