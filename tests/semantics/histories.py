"""Histories of one object: a valid object and the requests of appliers, editors and controllers that follow."""

from __future__ import annotations

import copy
import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from reconciler.model.document import JsonObject
from reconciler.semantics.schema.structural import Schema
from reconciler.semantics.server import json_merge_patch
from tests.semantics import bodies
from tests.semantics.twin import Request, Twin

STEPS = 12
# Cluster-scoped objects need names that no other test worker uses.
NAMES = (f"h{secrets.token_hex(4)}-{number}" for number in itertools.count())
# The smallest valid spec of each managed kind.
SMALLEST: dict[str, JsonObject] = {
    "Provider": {"type": "mock"},
    "ModelProvider": {},
    "Model": {"model": "m", "providerRef": {"name": "p"}},
}


@dataclass(frozen=True)
class Step:
    """A request of a history; `request` builds it, because it may depend on the live object."""

    name: str
    request: Callable[[Twin], Request]

    def __repr__(self) -> str:
        return self.name


def apply_of(spec: Any, metadata: JsonObject, manager: str, force: bool) -> Step:
    def request(twin: Twin) -> Request:
        return Request("apply", twin.body(spec, metadata=metadata), manager, force=force)

    return Step(f"apply({spec!r}, {metadata!r}, {manager}, {force=})", request)


def patch_of(patch: JsonObject, manager: str, verb: str) -> Step:
    return Step(f"{verb}({patch!r}, {manager})", lambda _: Request(verb, patch, manager))


def _replace(patch: JsonObject, manager: str, verb: str, keep_managed: bool) -> Step:
    """A PUT of the live object with a change, as a controller or an editor sends it."""

    def request(twin: Twin) -> Request:
        body = copy.deepcopy(twin.live) if twin.live else twin.body({})
        if not keep_managed:
            body["metadata"].pop("managedFields", None)
        return Request(verb, json_merge_patch(body, patch), manager)

    return Step(f"{verb}({patch!r}, {manager}, {keep_managed=})", request)


def _delete() -> Step:
    return Step("delete()", lambda _: Request("delete", {}))


def _create(spec: Any, manager: str) -> Step:
    return Step(
        f"create({spec!r}, {manager})", lambda twin: Request("create", twin.body(spec), manager)
    )


def histories(schema: Schema, base: JsonObject) -> SearchStrategy[list[Step]]:
    """A valid object and then any steps; most of their bodies extend the valid one, so that most are admitted."""
    managers = st.sampled_from(("alice", "bob"))
    first = st.builds(apply_of, st.just(base), st.just({}), managers, st.just(False)) | st.builds(
        _create, st.just(base), st.sampled_from(("edit", "ctl"))
    )
    rest = st.lists(steps(schema, base), min_size=STEPS - 1, max_size=STEPS - 1)
    return st.builds(lambda step, others: [step, *others], first, rest)


def steps(schema: Schema, base: JsonObject) -> SearchStrategy[Step]:
    good = bodies.specs(schema.properties["spec"], wrong=False)
    part = bodies.parts(schema.properties["spec"])
    spec = st.one_of(
        part.map(lambda value: base | value),
        part.map(lambda value: base | value),
        part,
        bodies.specs(schema.properties["spec"]),
    )
    changes = bodies.with_nulls(part | good).map(lambda value: {"spec": value})
    status = bodies.specs(schema.properties["status"], wrong=False) | bodies.specs(
        schema.properties["status"]
    )
    statuses = bodies.with_nulls(status).map(lambda value: {"status": value})
    metadata = bodies.metadata()
    labels = bodies.with_nulls(metadata).map(lambda value: {"metadata": value})
    managers = st.sampled_from(("alice", "bob"))
    updaters = st.sampled_from(("edit", "ctl", "alice"))
    applies = st.builds(apply_of, spec, metadata, managers, st.booleans())
    return st.one_of(
        applies,
        st.builds(patch_of, changes | labels, updaters, st.just("patch")),
        st.builds(_replace, changes | labels, updaters, st.just("update"), st.booleans()),
        st.builds(patch_of, statuses, updaters, st.just("patch-status")),
        st.builds(_replace, statuses, updaters, st.just("update-status"), st.booleans()),
        st.integers(0, 7).flatmap(lambda n: st.just(_delete()) if n == 0 else applies),
    )
