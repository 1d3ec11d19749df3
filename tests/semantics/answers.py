"""Answers of a real API server, recorded, with which the engine is compared where there is no API server.

They are those of the tests with the marker `control_plane` that send requests through a `Twin`. As a plugin of pytest
(`-p tests.semantics.answers`), this module records them.
"""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from reconciler.errors import Cause, RefusalReason
from reconciler.model.document import JsonObject, canonical
from reconciler.model.identity import ObjectRef
from reconciler.semantics.schema.crd import Crd
from tests.semantics.sources import TESTDATA
from tests.semantics.twin import Answer, Request, Twin

FILE = TESTDATA / "answers.json.gz"


@dataclasses.dataclass(frozen=True)
class Exchange:
    """A request and the server's answer; `twin` is as it was before them."""

    test: str
    twin: Twin
    request: Request
    answer: Answer


def recorded() -> Iterator[Exchange]:
    """Every recorded exchange."""
    body = json.loads(gzip.decompress(FILE.read_bytes()))
    crds = [Crd.of(crd) for crd in body["crds"]]
    for each in body["exchanges"]:
        twin = _twin(crds[each["crd"]], each)
        twin.live = _object(body, each["before"])
        answer = each["answer"]
        causes = tuple(Cause(*cause) for cause in answer["causes"])
        reason = RefusalReason(answer["reason"]) if answer["reason"] else None
        stored = _object(body, answer["object"])
        theirs = Answer(**answer | {"object": stored, "reason": reason, "causes": causes})
        yield Exchange(each["test"], twin, Request(**each["request"]), theirs)


def _twin(crd: Crd, exchange: Mapping[str, Any]) -> Twin:
    twin = Twin.__new__(Twin)
    version = crd.version(exchange["version"])
    assert version is not None
    twin.crd, twin.version, twin.normalized = crd, version, exchange["normalized"]
    twin.ref = ObjectRef(crd.group, crd.kind, exchange["namespace"], exchange["name"])
    twin.now = lambda: exchange["now"]  # whether a write changes an object may depend on it
    return twin


def _object(body: JsonObject, index: int | None) -> JsonObject | None:
    return None if index is None else json.loads(body["objects"][index])


class _Recorder:
    """Equal CRDs and objects are recorded once."""

    def __init__(self) -> None:
        self.crds: list[JsonObject] = []
        self.objects: dict[str, int] = {}
        self.exchanges: list[JsonObject] = []
        self.bodies: dict[int, tuple[Crd, JsonObject]] = {}

    def crd(self, crd: Crd) -> int:
        _, body = self.bodies[id(crd)]
        if body not in self.crds:
            self.crds.append(body)
        return self.crds.index(body)

    def object(self, body: JsonObject | None) -> int | None:
        if body is None:
            return None
        return self.objects.setdefault(canonical(body), len(self.objects))

    def write(self) -> None:
        body = {"crds": self.crds, "objects": list(self.objects), "exchanges": self.exchanges}
        FILE.write_bytes(gzip.compress(json.dumps(body).encode(), mtime=0))


def _without_descriptions(value: Any) -> Any:
    """Most of the text of a CRD; a property with this name has a schema."""
    if isinstance(value, list):
        return [_without_descriptions(each) for each in value]
    if not isinstance(value, dict):
        return value
    left = {k: v for k, v in value.items() if k != "description" or not isinstance(v, str)}
    return {key: _without_descriptions(below) for key, below in left.items()}


def pytest_configure(config: pytest.Config) -> None:
    recorder, of, compare = _Recorder(), Crd.of, Twin.compare

    def remembered(body: Mapping[str, Any]) -> Crd:
        crd = of(body)
        recorder.bodies[id(crd)] = crd, _without_descriptions(dict(body))
        return crd

    def compared(twin: Twin, request: Request, answer: Answer) -> tuple[Answer, list[str]]:
        ours, deviations = compare(twin, request, answer)
        if deviations:  # a test of what the engine does not model
            return ours, deviations
        causes = [[cause.field, cause.reason, cause.message] for cause in answer.causes]
        recorder.exchanges.append(
            {
                "test": os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")[0].rpartition("::")[2],
                "crd": recorder.crd(twin.crd),
                "version": twin.version.name,
                "namespace": twin.ref.namespace,
                "name": twin.ref.name,
                "normalized": twin.normalized,
                "now": twin.now(),
                "before": recorder.object(twin.live),
                "request": dataclasses.asdict(request),
                "answer": {
                    "object": recorder.object(answer.object),
                    "changed": answer.changed,
                    "created": answer.created,
                    "deleted": answer.deleted,
                    "reason": answer.reason,
                    "message": answer.message,
                    "causes": causes,
                },
            }
        )
        return ours, deviations

    Crd.of = staticmethod(remembered)  # type: ignore[method-assign,assignment]
    Twin.compare = compared  # type: ignore[method-assign]
    config.add_cleanup(recorder.write)
