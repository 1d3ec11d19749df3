"""Send the same request to the engine and to a real API server, and compare the answers."""

from __future__ import annotations

import copy
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Self

import httpx

from reconciler.errors import Cause, RefusalReason, Refused
from reconciler.model.document import Json, JsonObject, canonical, dig
from reconciler.model.identity import ObjectRef
from reconciler.semantics import server
from reconciler.semantics.ownership.typed import mismatches
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.server.refusals import causes_in
from reconciler.semantics.values import with_plain_numbers
from tests.controlplane.plane import ControlPlane

MISMATCH = "the engine and the server disagree"


@dataclass(frozen=True)
class Answer:
    """The answer of the engine or of the server: an object, or a refusal."""

    object: JsonObject | None = None
    changed: bool = False
    created: bool = False
    deleted: bool = False
    reason: RefusalReason | None = None
    message: str = ""
    causes: tuple[Cause, ...] = ()
    normalized: bool = True


@dataclass(frozen=True)
class Request:
    """One request; the body of a delete has its preconditions."""

    verb: str  # apply, create, update, patch, update-status, patch-status, delete
    body: JsonObject
    manager: str = "alice"
    force: bool = False
    dry_run: bool = False
    strict: bool = False  # fieldValidation=Strict, which the product sends


class Twin:
    """One object in the engine and on the server; after each request both continue from the server's state."""

    def __init__(self, plane: ControlPlane, crd: Crd, namespace: str, name: str) -> None:
        self.plane = plane
        self.crd = crd
        self.version = crd.storage_version
        self.ref = ObjectRef(crd.group, crd.kind, namespace if crd.namespaced else "", name)
        self.live: JsonObject | None = None
        self.normalized = True
        # Whether each request waits for a new second; then the times of entries are compared.
        self.new_second = False
        self.now = _now

    @property
    def collection(self) -> str:
        inner = f"/namespaces/{self.ref.namespace}" if self.ref.namespace else ""
        return f"/apis/{self.version.api_version}{inner}/{self.crd.plural}"

    @property
    def path(self) -> str:
        return f"{self.collection}/{self.ref.name}"

    def body(self, spec: Json = None, **rest: Any) -> JsonObject:
        """An object with this name; `metadata` may replace the name."""
        metadata = {"name": self.ref.name, **rest.pop("metadata", {})}
        body = {"apiVersion": self.version.api_version, "kind": self.crd.kind, "metadata": metadata}
        return body | ({} if spec is None else {"spec": spec}) | rest

    def serve(self, crd: Crd, version: str = "") -> Self:
        """Continue with another CRD, or another version of it, which the server already serves."""
        crd_version = crd.version(version) if version else crd.storage_version
        assert crd_version is not None
        self.crd, self.version = crd, crd_version
        if self.live is not None:
            self.live = {**self.live, "apiVersion": crd_version.api_version}
        return self

    def send(self, request: Request) -> Answer:
        """Send a request to both, compare the answers, and continue from the server's state."""
        before = self.live
        if self.new_second:
            time.sleep(1.01 - time.time() % 1)
        theirs = self.send_to_server(request)
        ours, deviations = self.compare(request, theirs)
        if not deviations and self.new_second and theirs.object:
            our_times, their_times = (_new_times(before, each.object) for each in (ours, theirs))
            if our_times != their_times:
                deviations = [f"times: engine {our_times}, server {their_times}"]
        if deviations:
            note = f"{request}\nbefore {canonical(before)}\n" if before else f"{request}\n"
            raise AssertionError(MISMATCH + ":\n" + "\n".join(deviations) + "\n" + note)
        if theirs.object is not None and not request.dry_run:
            self.live = None if theirs.deleted else theirs.object
            self.normalized = ours.normalized
        return theirs

    def compare(self, request: Request, theirs: Answer) -> tuple[Answer, list[str]]:
        """The answer of the engine, and how it differs from that of the server."""
        ours = self._send_to_engine(request, self.live, theirs)
        if not self.normalized and ours.reason is None:
            # The server stores a value that no read returns, so only the server knows whether this is a write.
            ours = replace(ours, changed=theirs.changed)
        return ours, self._unknown_mismatches(request, theirs) or differences(ours, theirs)

    def _unknown_mismatches(self, request: Request, answer: Answer) -> list[str]:
        """Mismatches that only the server reports.

        The server reports the first undeclared field of each mapping, in any order, so it may report another one.
        """
        head, _, reported = answer.message.partition("): ")
        if not head.startswith("failed to create typed patch object"):
            return []
        sentences = {line.strip() for line in reported.removeprefix("errors:\n").splitlines()}
        known = {each.sentence for each in mismatches(self.version.schema, request.body)}
        return [f"server only: {sentence}" for sentence in sorted(sentences - known)]

    def apply(self, spec: Json, manager: str = "alice", **rest: Any) -> Answer:
        force = rest.pop("force", False)
        return self.send(Request("apply", self.body(spec, **rest), manager, force=force))

    def patch(self, patch: JsonObject, manager: str = "kubectl-edit") -> Answer:
        return self.send(Request("patch", patch, manager))

    def delete(self, **preconditions: str) -> Answer:
        return self.send(Request("delete", preconditions))

    def _may_be_gone(self, request: Request) -> bool:
        """Whether the server may have removed the object: it was deleted, now or before its last finalizer went."""
        ends = request.verb == "delete" or dig(self.live, "metadata", "deletionTimestamp")
        return bool(ends) and not request.dry_run

    def _send_to_engine(self, request: Request, live: JsonObject | None, theirs: Answer) -> Answer:
        context = server.WriteContext(
            manager=request.manager,
            now=self.now(),
            resource_version="9999999999",
            uid=lambda: str(dig(theirs.object, "metadata", "uid") or "made-up"),
        )
        try:
            result = self._call_engine(request, live, context)
        except Refused as error:
            # The server reports no causes for fields that it names only in its message.
            causes = () if causes_in(error.message) == error.causes else error.causes
            return Answer(reason=error.reason, message=error.message, causes=causes)
        assert result.not_provable == (), result.not_provable
        return Answer(
            result.object,
            result.changed,
            result.created,
            result.deleted,
            normalized=result.normalized,
        )

    def _call_engine(  # noqa: PLR0911
        self, request: Request, live: JsonObject | None, context: server.WriteContext
    ) -> server.Result:
        crd, ref, body = self.crd, self.ref, request.body
        match request.verb:
            case "apply":
                return server.apply(crd, ref, live, body, context, force=request.force)
            case "create":
                return server.create(crd, ref, live, body, context)
            case "update":
                return server.update(crd, ref, live, body, context)
            case "update-status":
                return server.update_status(crd, ref, live, body, context)
            case "patch":
                return server.merge_patch(crd, ref, live, body, context, version=self.version.name)
            case "patch-status":
                names = {"version": self.version.name, "subresource": "status"}
                return server.merge_patch(crd, ref, live, body, context, **names)
            case "delete":
                uid, version = body.get("uid", ""), body.get("resourceVersion", "")
                names = {"uid": uid, "resource_version": version, "group_resource": crd.name}
                return server.delete(ref, live, context, **names)
        raise AssertionError(request.verb)

    def send_to_server(self, request: Request) -> Answer:
        """Send a request to the server only."""
        method, path, content = {
            "apply": ("PATCH", self.path, "application/apply-patch+yaml"),
            "create": ("POST", self.collection, "application/json"),
            "update": ("PUT", self.path, "application/json"),
            "update-status": ("PUT", f"{self.path}/status", "application/json"),
            "patch": ("PATCH", self.path, "application/merge-patch+json"),
            "patch-status": ("PATCH", f"{self.path}/status", "application/merge-patch+json"),
            "delete": ("DELETE", self.path, "application/json"),
        }[request.verb]
        params = {"fieldManager": request.manager}
        if request.verb == "apply":
            params["force"] = "true" if request.force else "false"
        if request.dry_run:
            params["dryRun"] = "All"
        if request.strict:
            params["fieldValidation"] = "Strict"
        # The server keeps the 4.0 of JSON as a float until it stores it; the engine reads 4, as an apply does.
        body = request.body if request.verb == "apply" else with_plain_numbers(request.body)
        if request.verb == "delete":
            params, body = {}, {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": body}
        answer = self.plane.request(
            method, path, params=params, headers={"Content-Type": content}, json=body
        )
        if not answer.is_success:
            return refused(answer)
        stored: JsonObject = answer.json()
        deleted = self._may_be_gone(request) and (
            self.plane.request("GET", self.path).status_code == httpx.codes.NOT_FOUND
        )
        if request.verb == "delete" and deleted:
            return Answer(self.live, changed=True, deleted=True)
        version = dig(self.live, "metadata", "resourceVersion")
        created = answer.status_code == httpx.codes.CREATED
        changed = created or deleted or dig(stored, "metadata", "resourceVersion") != version
        return Answer(stored, changed, created, deleted)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def refused(answer: httpx.Response) -> Answer:
    """A Status as an answer; independent of the adapter, which has its own code for it."""
    try:
        status = answer.json()
    except ValueError:
        return Answer(reason=RefusalReason.NO_KIND, message=answer.text.strip())
    causes = tuple(
        Cause(entry.get("field", ""), entry.get("reason", ""), entry.get("message", ""))
        for entry in dig(status, "details", "causes") or []
    )
    message = str(status.get("message"))
    return Answer(
        reason=_refusal(answer.status_code, status, causes), message=message, causes=causes
    )


def _refusal(code: int, status: JsonObject, causes: tuple[Cause, ...]) -> RefusalReason:
    if code == httpx.codes.NOT_FOUND:
        return RefusalReason.NOT_FOUND if dig(status, "details", "name") else RefusalReason.NO_KIND
    if code == httpx.codes.CONFLICT:
        if any(cause.reason == "FieldManagerConflict" for cause in causes):
            return RefusalReason.FIELD_CONFLICT
        return (
            RefusalReason.EXISTS if status.get("reason") == "AlreadyExists" else RefusalReason.STALE
        )
    if code in (httpx.codes.UNPROCESSABLE_ENTITY, httpx.codes.BAD_REQUEST):
        return RefusalReason.INVALID
    if "failed to create typed patch object" in str(status.get("message")):
        return RefusalReason.UNDECLARED
    return RefusalReason.FAILED


def differences(ours: Answer, theirs: Answer) -> list[str]:
    """The differences between the engine's and the server's answer, without times and versions of the object."""
    if ours.reason != theirs.reason:
        return [
            f"engine: {ours.reason} {ours.message}",
            f"server: {theirs.reason} {theirs.message}",
        ]
    if theirs.reason is not None:
        return _refusal_differences(ours, theirs)
    lines = [
        f"{name}: engine {getattr(ours, name)}, server {getattr(theirs, name)}"
        for name in ("changed", "created", "deleted")
        if getattr(ours, name) != getattr(theirs, name)
    ]
    our_object, their_object = (canonical(_comparable(each.object)) for each in (ours, theirs))
    if our_object != their_object:
        lines += [f"engine: {our_object}", f"server: {their_object}"]
    return lines


def _refusal_differences(ours: Answer, theirs: Answer) -> list[str]:
    our_causes, their_causes = (Counter(map(_plain, each.causes)) for each in (ours, theirs))
    if our_causes != their_causes:
        lines = [f"engine only: {cause}" for cause in (our_causes - their_causes).elements()]
        return lines + [f"server only: {cause}" for cause in (their_causes - our_causes).elements()]
    if _has_fixed_message(ours) and _has_fixed_message(theirs) and ours.message != theirs.message:
        return [f"engine: {ours.message}", f"server: {theirs.message}"]
    return []


def _has_fixed_message(answer: Answer) -> bool:
    """Whether the message has no parts that come in any order."""
    return len(answer.causes) <= 1 and answer.reason is not RefusalReason.UNDECLARED


def _new_times(before: JsonObject | None, after: JsonObject | None) -> list[tuple[str, bool]]:
    """The managers in the order of their entries, and whether the time of each is new."""
    old = {entry.get("time") for entry in dig(before, "metadata", "managedFields") or []}
    entries = dig(after, "metadata", "managedFields") or []
    return [(entry["manager"], entry.get("time") not in old) for entry in entries]


def _plain(cause: Cause) -> tuple[str, str, str]:
    return cause.field, cause.reason, cause.message


def _comparable(body: JsonObject | None) -> Json:
    if body is None:
        return None
    metadata = {
        key: bool(value) if key.endswith("Timestamp") else value
        for key, value in body["metadata"].items()
        if key != "resourceVersion"
    }
    entries: list[JsonObject] = body["metadata"].get("managedFields", [])
    metadata["managedFields"] = sorted(
        (
            {key: bool(value) if key == "time" else value for key, value in entry.items()}
            for entry in entries
        ),
        key=canonical,
    )
    return {**body, "metadata": metadata}


def put(twin: Twin, change: Callable[[JsonObject], object], *, status: bool = False) -> Answer:
    """GET, change, PUT, as a controller or an editor updates an object."""
    body = copy.deepcopy(twin.live) or twin.body({})
    change(body)
    return twin.send(Request("update-status" if status else "update", body, "editor"))
