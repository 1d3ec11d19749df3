"""The verbs of the API on bodies: one deadline for each call, and no answer that is about something else."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from http import HTTPStatus

from reconciler.adapters.kubernetes import answers, lists, paths
from reconciler.adapters.kubernetes.deadline import Deadline
from reconciler.adapters.kubernetes.retry import Exchange
from reconciler.adapters.kubernetes.sentences import sentence
from reconciler.adapters.kubernetes.wire import Answer, AnswerLost, Request
from reconciler.errors import BadAnswer, Refusal, Refused
from reconciler.model.document import Document, Json, JsonObject, dig, dig_map
from reconciler.model.identity import NAMESPACE, Endpoint
from reconciler.ports import Applied, Redactor

_JSON = "application/json"
_APPLY = "application/apply-patch+yaml"
_STRICT = ("fieldValidation", "Strict")
# Legal inside a JSON string and not inside a YAML one, which is what the server reads an apply as.
_NOT_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Write:
    """How a body is sent: the verb of RBAC, the method, and what the method needs."""

    verb: str
    method: str
    query: tuple[tuple[str, str], ...] = (_STRICT,)
    content_type: str = _JSON


CREATE = Write("create", "POST")
REPLACE = Write("update", "PUT")


def apply_as(manager: str, *, force: bool, dry_run: bool) -> Write:
    """Server-side apply; a field that the schema does not have is refused, never dropped."""
    query = (("fieldManager", manager), ("force", str(force).lower()), _STRICT)
    dry = (("dryRun", "All"),) if dry_run else ()
    return Write("patch", "PATCH", (*query, *dry), _APPLY)


class Api:
    """Every method ends within `timeout` seconds, and raises `errors.ClusterError`."""

    def __init__(self, exchange: Exchange, redactor: Redactor, timeout: float) -> None:
        self._exchange = exchange
        self._redactor = redactor
        self._timeout = timeout

    def get(self, endpoint: Endpoint, namespace: str, name: str) -> JsonObject | None:
        """One object, None when it is not there.

        Raises:
            Refused: FORBIDDEN, NO_KIND.
        """
        request = _request("get", "GET", endpoint, namespace, name)
        try:
            body = self._ask(request, self._deadline()).body
        except Refused as error:
            if error.refusal is Refusal.NOT_FOUND:
                return None
            raise
        return _same(request, body, endpoint, namespace, name)

    def published(self, endpoint: Endpoint) -> Json:
        """The OpenAPI document of a group and version, None when it is not served."""
        path = paths.published(endpoint)
        request = Request("get", "GET", path, f"the schema of {endpoint.crd_name}")
        try:
            return self._ask(request, self._deadline()).body
        except Refused as error:
            if error.refusal is Refusal.NO_KIND:
                return None
            raise

    def list(self, endpoint: Endpoint, namespace: str) -> tuple[Document, ...]:
        """Every object of a kind in a namespace, from one snapshot."""
        deadline = self._deadline()

        def read(token: str) -> Answer:
            query = (("limit", str(lists.PAGE)), *((("continue", token),) if token else ()))
            request = _request("list", "GET", endpoint, namespace, query=query)
            answer = self._exchange.ask(request, deadline)
            return answer if answer.status == HTTPStatus.GONE else self._good(request, answer)

        return lists.read_all(read, endpoint, namespace)

    def write(self, how: Write, endpoint: Endpoint, body: Document) -> Applied:
        """Send a body; the answer must be the object that it names.

        Raises:
            AnswerLost: POST or PUT, and nobody knows whether it was done.
        """
        wanted = dig_map(body.body(), "metadata")
        namespace, name = str(wanted.get("namespace") or ""), str(wanted.get("name") or "")
        request = _request(
            how.verb,
            how.method,
            endpoint,
            namespace,
            "" if how is CREATE else name,
            query=how.query,
            content=_escaped(body.text) if how.content_type == _APPLY else body.text,
            content_type=how.content_type,
        )
        answer = self._ask(request, self._deadline())
        written = _same(request, answer.body, endpoint, namespace, name)
        if wanted.get("uid") not in (None, "", dig(written, "metadata", "uid")):
            raise BadAnswer(f"{request.subject}: the answer is about another object")
        warnings = tuple(sentence(text, self._redactor) for text in answer.warnings)
        return Applied(Document.of(written), warnings)

    def delete(
        self, endpoint: Endpoint, namespace: str, name: str, *, uid: str, resource_version: str
    ) -> None:
        """Gone, or going (finalizers), is done. Never sent again unseen.

        Raises:
            Refused: STALE. AnswerLost: the object still stands there.
        """
        preconditions = {"uid": uid, "resourceVersion": resource_version}
        options = {
            "kind": "DeleteOptions",
            "apiVersion": "v1",
            "propagationPolicy": "Background",
            "preconditions": {key: value for key, value in preconditions.items() if value},
        }
        request = _request(
            "delete", "DELETE", endpoint, namespace, name, content=json.dumps(options)
        )
        try:
            self._ask(request, self._deadline())
        except AnswerLost:
            after = self.get(endpoint, namespace, name)
            same = dig(after, "metadata", "uid") == uid
            if same and not dig(after, "metadata", "deletionTimestamp"):
                raise
        except Refused as error:
            if error.refusal not in (Refusal.NOT_FOUND, Refusal.NO_NAMESPACE):
                raise

    def _deadline(self) -> Deadline:
        return Deadline(self._timeout)

    def _ask(self, request: Request, deadline: Deadline) -> Answer:
        return self._good(request, self._exchange.ask(request, deadline))

    def _good(self, request: Request, answer: Answer) -> Answer:
        error = answers.error_of(request, answer, self._redactor)
        if error is not None:
            raise error
        return answer


def _request(
    verb: str,
    method: str,
    endpoint: Endpoint,
    namespace: str,
    name: str = "",
    *,
    query: tuple[tuple[str, str], ...] = (),
    content: str = "",
    content_type: str = _JSON,
) -> Request:
    try:
        encoded = content.encode()
    except UnicodeEncodeError:
        raise Refused(Refusal.INVALID, "half of a surrogate pair is no text") from None
    return Request(
        verb,
        method,
        paths.of(endpoint, namespace, name),
        paths.subject(endpoint, namespace, name),
        query,
        encoded,
        content_type if encoded else "",
        endpoint.group_kind == NAMESPACE.group_kind,
    )


def _escaped(text: str) -> str:
    return _NOT_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _same(
    request: Request, body: Json, endpoint: Endpoint, namespace: str, name: str
) -> JsonObject:
    """The answer, if it is the object that was asked for."""
    metadata = dig_map(body, "metadata")
    found = (dig(body, "apiVersion"), dig(body, "kind"))
    place = (metadata.get("namespace") or "", metadata.get("name"))
    if found != (endpoint.api_version, endpoint.kind) or place != (namespace, name):
        raise BadAnswer(f"{request.subject}: the answer is about another object")
    same: JsonObject = body
    return same
