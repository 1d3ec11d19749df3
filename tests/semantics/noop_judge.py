"""Ask a real API server about each no-op proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from reconciler.model.document import Json, JsonObject, canonical, dig_map
from reconciler.semantics.ownership.noop import proves_noop
from reconciler.semantics.schema.crd import Crd, CrdVersion
from reconciler.semantics.schema.defaults import with_defaults
from reconciler.semantics.values import copied, same
from tests.semantics.desired import neighbours
from tests.semantics.twin import Answer, Request, Twin

US = "alice"


class Judge:
    """The desired states of one object of ours: what we have applied, and what git may say next."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin
        self._applied: list[JsonObject] = []  # what the server took last is the last

    def send(self, request: Request) -> Answer:
        """Send a request to the server; the twin has its outcome then."""
        answer = self._twin.send_to_server(request)
        if answer.reason is None:
            self._twin.live = None if answer.deleted else answer.object
            if request.verb == "apply" and request.manager == US:
                self._applied = [body for body in self._applied if body != request.body]
                self._applied.append(copied(request.body))
        return answer

    def judge(self, changed: Crd | None = None) -> Counter[str]:
        """Look for a proof of each desired state, at each version. The server must confirm those that there are.

        Args:
            changed: the CRD, if the server serves another one by now.

        Returns:
            How many were "judged" and how many "proved".
        """
        if changed is not None:
            self._twin.serve(changed)
        counts: Counter[str] = Counter()
        for version in self._twin.crd.versions if self._twin.live and self._applied else ():
            live = self._read(version)
            desired = [body | {"apiVersion": version.api_version} for body in self._desired(live)]
            proved = [body for body in desired if proves_noop(version, live, copied(body), US)]
            for body in proved:
                self._confirm(version, live, body)
            for body in proved[-1:]:
                self._apply(version, live, body)
            counts.update(judged=len(desired), proved=len(proved))
        return counts

    def _desired(self, live: JsonObject) -> Iterator[JsonObject]:
        yield from self._applied
        last = self._applied[-1]
        if live["apiVersion"] == last["apiVersion"]:
            yield from neighbours(last)
        yield with_defaults(self._twin.version.schema, last)
        yield last | {"spec": dig_map(live, "spec")}
        labels = {"labels": dig_map(live, "metadata", "labels")}
        yield last | {"metadata": last["metadata"] | labels}

    def _confirm(self, version: CrdVersion, live: JsonObject, body: JsonObject) -> None:
        answer = self._send(version, body, dry_run=True)
        assert same(answer.object, live), _evidence(live, body, answer)

    def _apply(self, version: CrdVersion, live: JsonObject, body: JsonObject) -> None:
        """Only the resourceVersion may change, once: where the server stores what no read returns (empty labels)."""
        first, second = (self._send(version, body, dry_run=False) for _ in range(2))
        assert same(_content(first.object), _content(live)), _evidence(live, body, first)
        assert same(second.object, first.object), _evidence(live, body, second)

    def _send(self, version: CrdVersion, body: JsonObject, *, dry_run: bool) -> Answer:
        request = Request("apply", body, US, dry_run=dry_run, strict=True)
        return self._at(version).send_to_server(request)

    def _read(self, version: CrdVersion) -> JsonObject:
        answer = self._twin.plane.request("GET", self._at(version).path)
        live: JsonObject = answer.raise_for_status().json()
        return live

    def _at(self, version: CrdVersion) -> Twin:
        """The same object, at another version."""
        twin = self._twin
        other = Twin(twin.plane, twin.crd, twin.ref.namespace, twin.ref.name)
        return other.serve(twin.crd, version.name)


def _content(body: JsonObject | None) -> Json:
    """An object without its resourceVersion."""
    if body is None:
        return None
    metadata = {k: v for k, v in body["metadata"].items() if k != "resourceVersion"}
    return body | {"metadata": metadata}


def _evidence(live: JsonObject, body: JsonObject, answer: Answer) -> str:
    return (
        "there is a proof, but the server changes or refuses the object\n"
        f"live    {canonical(live)}\napplied {canonical(body)}\n"
        f"answer  {answer.message or canonical(answer.object)}"
    )
