"""A Status of the API server as an error: the reason of the refusal, and the fields that it names."""

from __future__ import annotations

import re
from dataclasses import replace
from http import HTTPStatus

from reconciler.adapters.kubernetes.paths import ApiRequest
from reconciler.adapters.kubernetes.sentences import sentence
from reconciler.errors import (
    TERMINATING,
    BadAnswer,
    Cause,
    ClusterError,
    RefusalReason,
    Refused,
    Unauthenticated,
)
from reconciler.http.wire import Answer
from reconciler.model.command import kubectl
from reconciler.model.document import Json, JsonObject, dig, dig_map, parsed
from reconciler.ports import Redactor
from reconciler.semantics.server.refusals import UNTYPED_PATCH, causes_in, is_uid_mismatch

_CAUSES = 200  # of one Status in a report; every conflict is kept, since each decides what an apply may force
_CONFLICT = "FieldManagerConflict"
# `conflict with "kubectl-edit" with subresource "status" using example.org/v1 at 2026-01-01T00:00:00Z`
_OTHER = re.compile(r'conflict with (?P<manager>"(?:[^"\\]|\\.)*")(?P<rest>.*)')

_BY_STATUS: dict[int, RefusalReason] = {
    HTTPStatus.BAD_REQUEST: RefusalReason.INVALID,
    HTTPStatus.FORBIDDEN: RefusalReason.FORBIDDEN,
    HTTPStatus.CONFLICT: RefusalReason.STALE,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: RefusalReason.INVALID,
    HTTPStatus.UNPROCESSABLE_ENTITY: RefusalReason.INVALID,
}


# RBAC decides before admission does, and always in these words, on a line of their own.
_BY_RBAC = (' is forbidden: User "', '" cannot ')


def error_of(
    request: ApiRequest, answer: Answer, redactor: Redactor, options: tuple[str, ...] = ()
) -> ClusterError | None:
    """The error that an answer means, None when it is a success.

    Args:
        options: those with which kubectl reaches the same cluster, for hints.
    """
    if _succeeded(answer):
        return None
    if 300 <= answer.status < 400:  # noqa: PLR2004 -- redirections, by RFC 9110
        return BadAnswer(f"{request.subject}: the API server redirects; that is not followed")
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return Unauthenticated(
            "the API server does not accept the credentials (401)",
            hint=f"renew them: `{kubectl(options, 'get', 'namespaces')}` fails, too",
        )
    status = answer.body if dig(answer.body, "kind") == "Status" else {}
    causes = _causes(status)
    reason = _reason(request, answer.status, status, causes)
    message = _message(request, reason, answer.status, status, redactor)
    if reason is not RefusalReason.FIELD_CONFLICT:
        causes = causes[:_CAUSES]
    fitted = tuple(_fit(cause, redactor, request.names) for cause in causes)
    return Refused(reason, message, fitted, hint=_hint(request, reason, message, options))


def _succeeded(answer: Answer) -> bool:
    """Whether the answer is a success. A `Status: Failure` may come with any number, even 200."""
    return answer.status < 300 and not (  # noqa: PLR2004 -- success, by RFC 9110
        dig(answer.body, "kind") == "Status" and dig(answer.body, "status") != "Success"
    )


def _reason(
    request: ApiRequest, number: int, status: JsonObject, causes: tuple[Cause, ...]
) -> RefusalReason:
    if number == HTTPStatus.NOT_FOUND:
        return _not_found(request, status)
    if UNTYPED_PATCH in _text(status, "message"):
        return RefusalReason.UNDECLARED
    # Admission never sees a GET: an authorizer refused it, whatever its words.
    by_rbac = request.method == "GET" or _is_by_rbac(_text(status, "message"))
    if number == HTTPStatus.FORBIDDEN and not by_rbac:
        denied = TERMINATING not in {cause.reason for cause in causes}
        return RefusalReason.DENIED if denied else RefusalReason.NO_NAMESPACE
    reasons = {cause.reason for cause in causes}
    special: dict[tuple[int, bool], RefusalReason] = {
        (HTTPStatus.FORBIDDEN, TERMINATING in reasons): RefusalReason.NO_NAMESPACE,
        (HTTPStatus.CONFLICT, _CONFLICT in reasons): RefusalReason.FIELD_CONFLICT,
        (HTTPStatus.CONFLICT, status.get("reason") == "AlreadyExists"): RefusalReason.EXISTS,
        (HTTPStatus.UNPROCESSABLE_ENTITY, is_uid_mismatch(causes)): RefusalReason.STALE,
    }
    return special.get((number, True)) or _BY_STATUS.get(number, RefusalReason.FAILED)


def _is_by_rbac(message: str) -> bool:
    """Whether RBAC refused. No regular expression: a message of many beginnings would take quadratic time."""
    begin, end = _BY_RBAC
    return any(end in line.partition(begin)[2] for line in message.splitlines())


def _not_found(request: ApiRequest, status: JsonObject) -> RefusalReason:
    details = dig_map(status, "details")
    if not details.get("name"):
        return RefusalReason.NO_KIND  # "404 page not found": nothing is served at this path
    if details.get("kind") == "namespaces" and not request.namespaces:
        return RefusalReason.NO_NAMESPACE
    return RefusalReason.NOT_FOUND


def _causes(status: JsonObject) -> tuple[Cause, ...]:
    """As the server wrote them: not yet fit for a report."""
    listed = dig(status, "details", "causes")
    if isinstance(listed, list) and listed:
        return tuple(_cause(entry) for entry in listed)
    return causes_in(_text(status, "message"))


def _cause(entry: Json) -> Cause:
    reason, message = _text(entry, "reason"), _text(entry, "message")
    manager, operation = _other(message) if reason == _CONFLICT else ("", "")
    return Cause(_text(entry, "field"), reason, message, manager, operation)


def _fit(cause: Cause, redactor: Redactor, names: tuple[str, ...]) -> Cause:
    """A cause fit for a report. The field and the manager of a conflict stay as they are, because they are compared."""
    message = sentence(cause.message, redactor, names=names)
    if cause.reason == _CONFLICT:
        return replace(cause, message=message)
    field, reason = sentence(cause.field, redactor), sentence(cause.reason, redactor)
    return replace(cause, field=field, reason=reason, message=message)


def _other(message: str) -> tuple[str, str]:
    """Manager and operation: only an Update is named with its version (structured-merge-diff's printManager)."""
    match = _OTHER.search(message)
    if match is None:
        return "", ""
    operation = "Update" if " using " in match["rest"] else "Apply"
    try:
        return str(parsed(match["manager"])), operation
    except ValueError:  # Go's own escapes, \x00 and the like
        return match["manager"][1:-1], operation


def _message(
    request: ApiRequest, reason: RefusalReason, number: int, status: JsonObject, redactor: Redactor
) -> str:
    said = sentence(status.get("message"), redactor, names=request.names)
    if reason is RefusalReason.FORBIDDEN:
        return f"{request.verb} {request.subject}: forbidden" + (f": {said}" if said else "")
    if reason is RefusalReason.NO_KIND:
        return f"{request.subject}: the API server does not serve this kind"
    return said or f"{request.verb} {request.subject}: the API server answers {number}"


def _hint(
    request: ApiRequest, reason: RefusalReason, message: str, options: tuple[str, ...]
) -> str:
    """For refusals by RBAC; the message of a quota or an admission policy needs no hint."""
    if reason is not RefusalReason.FORBIDDEN or f" cannot {request.verb} " not in message:
        return ""
    kind, _, subject = request.subject.partition(" ")
    namespace = subject.partition("/")[0] if "/" in subject else ""
    place = ("-n", namespace) if namespace else ()
    return kubectl(options, "auth", "can-i", request.verb, kind, *place)


def _text(value: Json, key: str) -> str:
    text = dig(value, key)
    return text if isinstance(text, str) else ""
