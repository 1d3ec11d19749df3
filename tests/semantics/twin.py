"""The same requests to the pure engine and to a real API server, and what they must have in common."""

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
from reconciler.semantics.ownership.typed import mistyped
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.server.refusals import causes_in
from reconciler.semantics.values import with_plain_numbers
from tests.controlplane.plane import ControlPlane

MISMATCH = "the engine and the server disagree"


@dataclass(frozen=True)
class Answer:
    """What one of the two said: an object, or a refusal."""

    object: JsonObject | None = None
    changed: bool = False
    created: bool = False
    deleted: bool = False
    reason: RefusalReason | None = None
    message: str = ""
    causes: tuple[Cause, ...] = ()
    settled: bool = True


@dataclass(frozen=True)
class Request:
    """One request; `body` is complete but for name and namespace, which the twin fills in."""

    verb: str  # apply, create, update, patch, update-status, patch-status, delete (body: preconditions)
    body: JsonObject
    manager: str = "alice"
    force: bool = False
    dry_run: bool = False
    strict: bool = False  # fieldValidation, as the product asks for it


class Twin:
    """One object of one name, here and there. After each request both go on from the server's state."""

    def __init__(self, plane: ControlPlane, crd: Crd, namespace: str, name: str) -> None:
        self.plane = plane
        self.crd = crd
        self.version = crd.storage_version
        self.ref = ObjectRef(crd.group, crd.kind, namespace if crd.namespaced else "", name)
        self.live: JsonObject | None = None
        self.settled = True
        self.pause = 0.0  # seconds before a request: above one, times of entries are compared

    @property
    def collection(self) -> str:
        inner = f"/namespaces/{self.ref.namespace}" if self.ref.namespace else ""
        return f"/apis/{self.version.api_version}{inner}/{self.crd.plural}"

    @property
    def path(self) -> str:
        return f"{self.collection}/{self.ref.name}"

    def body(self, spec: Json = None, **rest: Any) -> JsonObject:
        """An object of this name; `metadata` is merged over the name."""
        metadata = {"name": self.ref.name, **rest.pop("metadata", {})}
        body = {"apiVersion": self.version.api_version, "kind": self.crd.kind, "metadata": metadata}
        return body | ({} if spec is None else {"spec": spec}) | rest

    def serve(self, crd: Crd, version: str = "") -> Self:
        """Go on with another CRD, or another version of it; the server must serve it by now."""
        found = crd.version(version) if version else crd.storage_version
        assert found is not None
        self.crd, self.version = crd, found
        if self.live is not None:
            self.live = {**self.live, "apiVersion": found.api_version}
        return self

    def send(self, request: Request) -> Answer:
        """Send to both, compare, and go on from what the server has."""
        before = self.live
        time.sleep(self.pause)
        theirs = self._server(request)
        ours = self._engine(request, before, theirs)
        if not self.settled and ours.reason is None:
            # What the storage holds beside what everyone reads decides whether this counts as a write.
            ours = replace(ours, changed=theirs.changed)
        violations = self._mistyped(request, theirs) or differences(ours, theirs)
        if not violations and self.pause > 1 and theirs.object:
            mine, other = (_ages(before, one.object) for one in (ours, theirs))
            violations = [] if mine == other else [f"times: engine {mine}, server {other}"]
        if violations:
            note = f"{request}\nbefore {canonical(before)}\n" if before else f"{request}\n"
            raise AssertionError(MISMATCH + ":\n" + "\n".join(violations) + "\n" + note)
        if theirs.object is not None and not request.dry_run:
            self.live = None if theirs.deleted else theirs.object
            self.settled = ours.settled
        return theirs

    def _mistyped(self, request: Request, theirs: Answer) -> list[str]:
        """The server walks mappings in any order and stops at the first undeclared field of each."""
        head, _, said = theirs.message.partition("): ")
        if not head.startswith("failed to create typed patch object"):
            return []
        sentences = {line.strip() for line in said.removeprefix("errors:\n").splitlines()}
        known = {found.sentence for found in mistyped(self.version.schema, request.body)}
        return [f"server only: {sentence}" for sentence in sorted(sentences - known)]

    def apply(self, spec: Json, manager: str = "alice", **rest: Any) -> Answer:
        force = rest.pop("force", False)
        return self.send(Request("apply", self.body(spec, **rest), manager, force=force))

    def patch(self, patch: JsonObject, manager: str = "kubectl-edit") -> Answer:
        return self.send(Request("patch", patch, manager))

    def delete(self, **preconditions: str) -> Answer:
        return self.send(Request("delete", preconditions))

    def _engine(self, request: Request, live: JsonObject | None, theirs: Answer) -> Answer:
        by = server.WriteContext(
            manager=request.manager,
            now=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            resource_version="9999999999",
            uid=lambda: str(dig(theirs.object, "metadata", "uid") or "made-up"),
        )
        try:
            stored = self._answer(request, live, by)
        except Refused as error:
            # What stands in the sentence alone is no cause at the server.
            causes = () if causes_in(error.message) == error.causes else error.causes
            return Answer(reason=error.reason, message=error.message, causes=causes)
        assert stored.not_provable == (), stored.not_provable
        return Answer(
            stored.object, stored.changed, stored.created, stored.deleted, settled=stored.settled
        )

    def _answer(  # noqa: PLR0911
        self, request: Request, live: JsonObject | None, by: server.WriteContext
    ) -> server.Stored:
        crd, ref, body = self.crd, self.ref, request.body
        match request.verb:
            case "apply":
                return server.apply(crd, ref, live, body, by, force=request.force)
            case "create":
                return server.create(crd, ref, live, body, by)
            case "update":
                return server.update(crd, ref, live, body, by)
            case "update-status":
                return server.update_status(crd, ref, live, body, by)
            case "patch":
                return server.merge_patch(crd, ref, live, body, by, version=self.version.name)
            case "patch-status":
                names = {"version": self.version.name, "subresource": "status"}
                return server.merge_patch(crd, ref, live, body, by, **names)
            case "delete":
                uid, version = body.get("uid", ""), body.get("resourceVersion", "")
                names = {"uid": uid, "resource_version": version, "resource": crd.name}
                return server.delete(ref, live, by, **names)
        raise AssertionError(request.verb)

    def _server(self, request: Request) -> Answer:
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
        # A JSON 4.0 stays a float until it is stored; the engine reads 4 at once, as apply does.
        body = request.body if request.verb == "apply" else with_plain_numbers(request.body)
        if request.verb == "delete":
            params, body = {}, {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": body}
        answer = self.plane.request(
            method, path, params=params, headers={"Content-Type": content}, json=body
        )
        if not answer.is_success:
            return refused(answer)
        stored: JsonObject = answer.json()
        deleted = not request.dry_run and (
            self.plane.request("GET", self.path).status_code == httpx.codes.NOT_FOUND
        )
        if request.verb == "delete" and deleted:
            return Answer(self.live, changed=True, deleted=True)
        version = dig(self.live, "metadata", "resourceVersion")
        created = answer.status_code == httpx.codes.CREATED
        changed = created or deleted or dig(stored, "metadata", "resourceVersion") != version
        return Answer(stored, changed, created, deleted)


def refused(answer: httpx.Response) -> Answer:
    """A Status as the product's words; small on purpose, the product has its own reader."""
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
    """What the two answers do not share; times and versions of the object are not compared."""
    found = []
    if ours.reason != theirs.reason:
        return [
            f"engine: {ours.reason} {ours.message}",
            f"server: {theirs.reason} {theirs.message}",
        ]
    if theirs.reason is not None:
        said, heard = (Counter(_plain(cause) for cause in one.causes) for one in (ours, theirs))
        if said != heard:
            found += [f"engine only: {cause}" for cause in (said - heard).elements()]
            found += [f"server only: {cause}" for cause in (heard - said).elements()]
        elif _says_one_thing(theirs) and _says_one_thing(ours) and ours.message != theirs.message:
            found += [f"engine: {ours.message}", f"server: {theirs.message}"]
        return found
    for name in ("changed", "created", "deleted"):
        if getattr(ours, name) != getattr(theirs, name):
            found.append(f"{name}: engine {getattr(ours, name)}, server {getattr(theirs, name)}")
    mine, other = (canonical(_comparable(one.object)) for one in (ours, theirs))
    if mine != other:
        found += [f"engine: {mine}", f"server: {other}"]
    return found


def _says_one_thing(answer: Answer) -> bool:
    """Several things are said in any order."""
    return len(answer.causes) <= 1 and answer.reason is not RefusalReason.UNDECLARED


def _ages(before: JsonObject | None, after: JsonObject | None) -> list[tuple[str, bool]]:
    """The managers in their order, and whether their time is a new one."""
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
    """GET, change, PUT: what a controller or an editor does."""
    body = copy.deepcopy(twin.live) or twin.body({})
    change(body)
    return twin.send(Request("update-status" if status else "update", body, "editor"))
