"""A Status of the API server as an error that says which kind of refusal it is, and which fields it is about."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from http import HTTPStatus

from reconciler.adapters.kubernetes.sentences import sentence
from reconciler.adapters.kubernetes.wire import Answer, Request
from reconciler.errors import BadAnswer, Cause, ClusterError, Refusal, Refused, Unauthenticated
from reconciler.model.document import Json, JsonObject, dig, dig_map
from reconciler.ports import Redactor

_CAUSES = 200  # of one Status; more are left out
_CONFLICT = "FieldManagerConflict"
_TERMINATING = "NamespaceTerminating"
_UNTYPED = "failed to create typed patch object"
# structured-merge-diff writes `.spec.nope: field not declared in schema`, one per line if there are several.
_TYPED = re.compile(r"^\s*(?P<field>[.\[].*?): (?P<message>.+)$", re.MULTILINE)
# `conflict with "kubectl-edit" with subresource "status" using example.org/v1 at 2026-01-01T00:00:00Z`
_OTHER = re.compile(r'conflict with (?P<manager>"(?:[^"\\]|\\.)*")(?P<rest>.*)')

_BY_STATUS: dict[int, Refusal] = {
    HTTPStatus.BAD_REQUEST: Refusal.INVALID,
    HTTPStatus.FORBIDDEN: Refusal.FORBIDDEN,
    HTTPStatus.CONFLICT: Refusal.STALE,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Refusal.INVALID,
    HTTPStatus.UNPROCESSABLE_ENTITY: Refusal.INVALID,
}


def error_of(request: Request, answer: Answer, redactor: Redactor) -> ClusterError | None:
    """The error that an answer means, None when it is a success."""
    if _succeeded(answer):
        return None
    if 300 <= answer.status < 400:  # noqa: PLR2004 -- redirections, by RFC 9110
        return BadAnswer(f"{request.subject}: the API server redirects; that is not followed")
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return Unauthenticated(
            "the API server does not accept the credentials (401)",
            hint="renew them: `kubectl get ns` with this kubeconfig and context fails, too",
        )
    status = answer.body if dig(answer.body, "kind") == "Status" else {}
    refusal = _refusal(request, answer.status, status)
    message = _message(request, refusal, answer.status, status, redactor)
    return Refused(
        refusal,
        message,
        _causes(status, lambda text: sentence(text, redactor)),
        hint=_hint(request, refusal, message),
    )


def _succeeded(answer: Answer) -> bool:
    """A `Status: Failure` may come with any number, 200 too."""
    return answer.status < 300 and not (  # noqa: PLR2004
        dig(answer.body, "kind") == "Status" and dig(answer.body, "status") != "Success"
    )


def _refusal(request: Request, number: int, status: JsonObject) -> Refusal:
    if number == HTTPStatus.NOT_FOUND:
        return _not_found(request, status)
    if _UNTYPED in str(status.get("message")):
        return Refusal.UNDECLARED
    reasons = {dig(cause, "reason") for cause in _list(dig(status, "details", "causes"))}
    special: dict[tuple[int, bool], Refusal] = {
        (HTTPStatus.FORBIDDEN, _TERMINATING in reasons): Refusal.NO_NAMESPACE,
        (HTTPStatus.CONFLICT, _CONFLICT in reasons): Refusal.FIELD_CONFLICT,
        (HTTPStatus.CONFLICT, status.get("reason") == "AlreadyExists"): Refusal.EXISTS,
        (HTTPStatus.UNPROCESSABLE_ENTITY, _another_uid(status)): Refusal.STALE,
    }
    return special.get((number, True)) or _BY_STATUS.get(number, Refusal.FAILED)


def _not_found(request: Request, status: JsonObject) -> Refusal:
    details = dig_map(status, "details")
    if not details.get("name"):
        return Refusal.NO_KIND  # "404 page not found": nothing is served at this path
    if details.get("kind") == "namespaces" and not request.namespaces:
        return Refusal.NO_NAMESPACE
    return Refusal.NOT_FOUND


def _another_uid(status: JsonObject) -> bool:
    """An apply with the uid of a predecessor: the object was deleted and created again."""
    return any(
        dig(cause, "field") == "metadata.uid" and "immutable" in str(dig(cause, "message"))
        for cause in _list(dig(status, "details", "causes"))
    )


def _causes(status: JsonObject, fit: Callable[[object], str]) -> tuple[Cause, ...]:
    listed = _list(dig(status, "details", "causes"))[:_CAUSES]
    if listed:
        return tuple(_cause(entry, fit) for entry in listed)
    message = status.get("message")
    if isinstance(message, str) and _UNTYPED in message:
        # The only refusal that names its field in the sentence alone.
        _, _, places = message.partition("): ")
        return tuple(
            Cause(fit(found["field"]), "FieldValueInvalid", fit(found["message"]))
            for found in _TYPED.finditer(places)
        )
    return ()


def _cause(entry: Json, fit: Callable[[object], str]) -> Cause:
    message = dig(entry, "message")
    manager = operation = ""
    if dig(entry, "reason") == _CONFLICT and isinstance(message, str):
        manager, operation = _other(message)
    return Cause(
        fit(dig(entry, "field")),
        fit(dig(entry, "reason")),
        fit(message),
        fit(manager),
        operation,
    )


def _other(message: str) -> tuple[str, str]:
    """Manager and operation: only an Update is named with its version (structured-merge-diff's printManager)."""
    found = _OTHER.search(message)
    if found is None:
        return "", ""
    operation = "Update" if " using " in found["rest"] else "Apply"
    try:
        return str(json.loads(found["manager"])), operation
    except ValueError:  # Go's own escapes, \x00 and the like
        return found["manager"][1:-1], operation


def _message(
    request: Request, refusal: Refusal, number: int, status: JsonObject, redactor: Redactor
) -> str:
    said = sentence(status.get("message"), redactor)
    if refusal is Refusal.FORBIDDEN:
        return f"{request.verb} {request.subject}: forbidden" + (f": {said}" if said else "")
    if refusal is Refusal.NO_KIND:
        return f"{request.subject}: the API server does not serve this kind"
    return said or f"{request.verb} {request.subject}: the API server answers {number}"


def _hint(request: Request, refusal: Refusal, message: str) -> str:
    """For RBAC's refusals; a quota or an admission policy says itself what it wants."""
    if refusal is not Refusal.FORBIDDEN or f" cannot {request.verb} " not in message:
        return ""
    kind, _, place = request.subject.partition(" ")
    namespace = place.partition("/")[0] if "/" in place else ""
    return f"kubectl auth can-i {request.verb} {kind}" + (f" -n {namespace}" if namespace else "")


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
