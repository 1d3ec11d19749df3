"""The verbs of the API: one deadline for each call, and no answer about another object."""

from __future__ import annotations

import json
from dataclasses import replace
from http import HTTPStatus

from reconciler.adapters.kubernetes import answers, lists, paths, watches
from reconciler.adapters.kubernetes.content import escaped_for_yaml, holds, same_apart_from_status
from reconciler.adapters.kubernetes.paths import ApiRequest
from reconciler.adapters.kubernetes.sentences import sentence
from reconciler.adapters.kubernetes.writes import APPLY, CREATE, JSON, Write, apply_as
from reconciler.errors import BadAnswer, ClusterError, RefusalReason, Refused
from reconciler.http.deadline import Deadline
from reconciler.http.retry import Exchange
from reconciler.http.wire import Answer, AnswerLost
from reconciler.model.document import Document, Json, JsonObject, dig, dig_map
from reconciler.model.identity import NAMESPACE, Endpoint
from reconciler.model.lease import LEASE
from reconciler.model.live import Watched
from reconciler.ports import Applied, Redactor
from reconciler.semantics.validation.stored import stored_error


class Api:
    """Every method ends within `timeout` seconds and waits for its turns, and raises `errors.ClusterError`."""

    def __init__(
        self,
        exchange: Exchange,
        redactor: Redactor,
        timeout: float,
        options: tuple[str, ...] = (),
    ) -> None:
        self._exchange = exchange
        self._redactor = redactor
        self._timeout = timeout
        self._options = options

    def get(self, endpoint: Endpoint, namespace: str, name: str) -> JsonObject | None:
        """One object, None when it is not there.

        Raises:
            Refused: FORBIDDEN, NO_KIND.
        """
        request = _request("get", "GET", endpoint, namespace, name)
        try:
            body = self._ask(request, self._deadline()).body
        except Refused as error:
            if error.reason is RefusalReason.NOT_FOUND:
                return None
            raise
        return _same(request, body, endpoint, namespace, name)

    def published(self, endpoint: Endpoint) -> Json:
        """The OpenAPI document of a group and version, None when it is not served."""
        path = paths.published(endpoint)
        request = ApiRequest("GET", path, f"the schema of {endpoint.crd_name}", verb="get")
        try:
            return self._ask(request, self._deadline()).body
        except Refused as error:
            if error.reason is RefusalReason.NO_KIND:
                return None
            raise

    def list(self, endpoint: Endpoint, namespace: str, labels: str = "") -> tuple[Document, ...]:
        """Every object of a kind in a namespace, from one snapshot; with `labels`, those that it selects.

        Raises:
            Refused: FORBIDDEN, NO_KIND. Any other refusal is a `ClusterError`: without a list nothing is known.
        """
        try:
            selector = (("labelSelector", labels),) if labels else ()
            return self._list(endpoint, namespace, selector, self._deadline())
        except Refused as error:
            if error.reason in (RefusalReason.FORBIDDEN, RefusalReason.NO_KIND):
                raise
            raise ClusterError(error.message, hint=error.hint) from None

    def watch(self, endpoint: Endpoint, namespace: str, version: str, seconds: int) -> Watched:
        """One window of a watch. If its version is too old, the next one begins with all objects.

        Raises:
            Refused: FORBIDDEN, NO_KIND.
        """
        query = watches.query(version, seconds)
        request = replace(_request("watch", "GET", endpoint, namespace, query=query), lines=True)
        answer = self._exchange.send(request, Deadline(seconds + self._timeout))
        if answer.status == HTTPStatus.GONE:
            return Watched()
        return watches.read(self._good(request, answer).body, endpoint, namespace, version)

    def write(self, how: Write, endpoint: Endpoint, body: Document) -> Applied:
        """Send a body; the answer must be the object that it names.

        Raises:
            AnswerLost: of a POST or PUT, which may or may not have been done.
        """
        request = _writing(how, endpoint, body)
        return self._written(
            request, self._exchange.send(request, self._deadline()), endpoint, body
        )

    def apply(
        self, endpoint: Endpoint, body: Document, *, manager: str, force: bool, dry_run: bool
    ) -> Applied:
        """Server-side apply. After a lost answer it is sent again, and meets its own work.

        With a resourceVersion in the body, the second request is refused although the first succeeded. Then, and
        where an answer does not hold what was sent (a webhook may have changed it), the live object decides.
        """
        deadline = self._deadline()
        request = _writing(apply_as(manager, force=force, dry_run=dry_run), endpoint, body)
        answer = self._exchange.send(request, deadline)
        if answer.doubtful and answer.status == HTTPStatus.CONFLICT and not dry_run:
            live = self._live(endpoint, body, deadline)
            if live and self._changes_nothing(endpoint, body, manager, live, deadline):
                return Applied(live)
        applied = self._written(request, answer, endpoint, body)
        if dry_run or holds(applied.document, body, manager):
            return applied
        live = self._live(endpoint, body, deadline)
        if live is None or not same_apart_from_status(live, applied.document):
            raise BadAnswer(f"{request.subject}: the answer does not hold what was sent")
        return applied

    def _live(self, endpoint: Endpoint, body: Document, deadline: Deadline) -> Document | None:
        """The live object by a LIST, for which every applier has permission; None where there is none."""
        namespace, name = _place(body)
        selector = (("fieldSelector", f"metadata.name={name}"),)
        try:
            documents = self._list(endpoint, namespace, selector, deadline)
        except Refused:
            return None
        return next((each for each in documents if _place(each) == (namespace, name)), None)

    def _changes_nothing(
        self, endpoint: Endpoint, body: Document, manager: str, live: Document, deadline: Deadline
    ) -> bool:
        """Whether the live object is what this apply leaves behind, by a dry run on the server."""
        sent = body.body()
        metadata = {k: v for k, v in sent["metadata"].items() if k != "resourceVersion"}
        uid = dig(live.body(), "metadata", "uid")
        if metadata.get("uid", uid) != uid:
            return False
        again = Document.of(sent | {"metadata": metadata | {"uid": uid}})
        request = _writing(apply_as(manager, force=False, dry_run=True), endpoint, again)
        try:
            answer = self._exchange.send(request, deadline)
            predicted = self._written(request, answer, endpoint, again).document
        except Refused:
            return False
        return same_apart_from_status(predicted, live)

    def _list(
        self,
        endpoint: Endpoint,
        namespace: str,
        selector: tuple[tuple[str, str], ...],
        deadline: Deadline,
    ) -> tuple[Document, ...]:
        def read(token: str) -> Answer:
            more = (("continue", token),) if token else ()
            query = (("limit", str(lists.PAGE)), *selector, *more)
            request = _request("list", "GET", endpoint, namespace, query=query)
            answer = self._exchange.send(request, deadline)
            return answer if answer.status == HTTPStatus.GONE else self._good(request, answer)

        return lists.read_all(read, endpoint, namespace)

    def _written(
        self, request: ApiRequest, answer: Answer, endpoint: Endpoint, body: Document
    ) -> Applied:
        written = _same(request, self._good(request, answer).body, endpoint, *_place(body))
        uid = dig(body.body(), "metadata", "uid")
        if uid not in (None, "", dig(written, "metadata", "uid")):
            raise BadAnswer(f"{request.subject}: the answer is about another object")
        warnings = tuple(
            sentence(text, self._redactor, names=request.names) for text in answer.warnings
        )
        return Applied(Document.of(written), warnings)

    def delete(
        self, endpoint: Endpoint, namespace: str, name: str, *, uid: str, resource_version: str
    ) -> None:
        """Deleted, or being deleted (finalizers). It is never sent again blindly.

        Raises:
            Refused: STALE. AnswerLost: the object still exists.
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
            if error.reason not in (RefusalReason.NOT_FOUND, RefusalReason.NO_NAMESPACE):
                raise

    def _deadline(self) -> Deadline:
        return Deadline(self._timeout)

    def _ask(self, request: ApiRequest, deadline: Deadline) -> Answer:
        return self._good(request, self._exchange.send(request, deadline))

    def _good(self, request: ApiRequest, answer: Answer) -> Answer:
        error = answers.error_of(request, answer, self._redactor, self._options)
        if error is not None:
            raise error
        return answer


def _place(body: Document) -> tuple[str, str]:
    metadata = dig_map(body.body(), "metadata")
    return str(metadata.get("namespace") or ""), str(metadata.get("name") or "")


def _writing(how: Write, endpoint: Endpoint, body: Document) -> ApiRequest:
    namespace, name = _place(body)
    request = _request(
        how.verb,
        how.method,
        endpoint,
        namespace,
        "" if how is CREATE else name,
        query=how.query,
        content=escaped_for_yaml(body.text) if how.content_type == APPLY else body.text,
        content_type=how.content_type,
    )
    # A lock that waits behind the writes that it protects is lost.
    return replace(request, in_turn=endpoint.group_kind != LEASE.group_kind)


def _request(
    verb: str,
    method: str,
    endpoint: Endpoint,
    namespace: str,
    name: str = "",
    *,
    query: tuple[tuple[str, str], ...] = (),
    content: str = "",
    content_type: str = JSON,
) -> ApiRequest:
    try:
        encoded = content.encode()
    except UnicodeEncodeError:
        raise Refused(
            RefusalReason.INVALID, "it holds half of a surrogate pair, which UTF-8 cannot encode"
        ) from None
    return ApiRequest(
        method,
        paths.of(endpoint, namespace, name),
        paths.subject(endpoint, namespace, name),
        query,
        encoded,
        content_type if encoded else "",
        verb=verb,
        namespaces=endpoint.group_kind == NAMESPACE.group_kind,
    )


def _same(
    request: ApiRequest, body: Json, endpoint: Endpoint, namespace: str, name: str
) -> JsonObject:
    """The answer, if it is the object that the request names."""
    metadata = dig_map(body, "metadata")
    api_type = (dig(body, "apiVersion"), dig(body, "kind"))
    place = (metadata.get("namespace") or "", metadata.get("name"))
    if api_type != (endpoint.api_version, endpoint.kind) or place != (namespace, name):
        raise BadAnswer(f"{request.subject}: the answer is about another object")
    same: JsonObject = body
    if error := stored_error(same):
        raise BadAnswer(f"{request.subject}: the answer is no object: {error}")
    return same
