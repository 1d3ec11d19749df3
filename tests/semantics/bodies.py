"""Hypothesis strategies for objects that a schema mostly admits and sometimes does not."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from reconciler.model.document import Json, JsonObject
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.schema.structural import Schema
from tests.kinds.examples import examples

_WORDS = ("a", "ab", "abc", "x-y", "b", "c", "UDP", "https://h", "0.7", "A b")
_KEYS = ("a", "b", "x-y", "known")
_TIMES = ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5+01:00", "soon")

_scalars = st.sampled_from((0, 1, 2, 4, 0.5, True, False, "a", "b"))
_free = st.recursive(
    _scalars,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=2)
    ),
    max_leaves=4,
)
_wrong = st.sampled_from((None, None, 3, 0.7, "a", True, [], {}, ["a"], {"a": 1}))


def specs(schema: Schema, *, wrong: bool = True) -> SearchStrategy[Json]:
    """A value that fits a schema; with `wrong`, one value in twenty is replaced by an arbitrary one."""
    good = _good(schema, wrong=wrong)
    if not wrong:
        return good
    return st.integers(0, 19).flatmap(lambda n: _wrong if n == 0 else good)


def parts(schema: Schema) -> SearchStrategy[JsonObject]:
    """An object with at most three fields, which may lack required fields; one in five may have wrong values."""
    names = st.lists(st.sampled_from(sorted(schema.properties)), max_size=3, unique=True)

    def drawn(picked: list[str], odds: int) -> SearchStrategy[JsonObject]:
        return st.fixed_dictionaries(
            {name: specs(schema.properties[name], wrong=odds == 0) for name in picked}
        )

    return st.tuples(names, st.integers(0, 4)).flatmap(lambda pair: drawn(*pair))


def _good(schema: Schema, *, wrong: bool) -> SearchStrategy[Json]:  # noqa: PLR0911
    if schema.enum:
        return st.sampled_from(schema.enum)
    if schema.int_or_string:
        return st.sampled_from((1, 80, "http", "1Gi"))
    match schema.type:
        case "object":
            return _objects(schema, wrong=wrong)
        case "array":
            return st.lists(specs(schema.items or Schema(), wrong=wrong), max_size=3)
        case "string":
            return st.sampled_from(_TIMES if schema.format == "date-time" else _WORDS)
        case "integer":
            return st.sampled_from((0, 1, 2, 4, 10, 11, 60, 4.0))
        case "number":
            return st.sampled_from((0, 1, 0.5, 1.5, 2))
        case "boolean":
            return st.booleans()
    return _free


def _objects(schema: Schema, *, wrong: bool) -> SearchStrategy[Json]:
    def drawn(names: list[str]) -> SearchStrategy[JsonObject]:
        picked = {name: specs(schema.properties[name], wrong=wrong) for name in names}
        return st.fixed_dictionaries(picked)

    required = [name for name in schema.required if name in schema.properties]
    others = sorted(set(schema.properties) - set(required))
    if not others and not required:
        keys = st.sampled_from(_KEYS)
        inner = specs(schema.additional, wrong=wrong) if schema.additional else _free
        return st.dictionaries(keys, inner, max_size=3)
    chosen = st.lists(st.sampled_from(others), max_size=3, unique=True) if others else st.just([])
    declared = chosen.flatmap(lambda names: drawn([*required, *names]))
    if not wrong and not schema.preserve_unknown:
        return declared
    odds = 2 if schema.preserve_unknown else 29
    extra = st.dictionaries(st.sampled_from(_KEYS), _free, min_size=1, max_size=1)
    return st.integers(0, odds).flatmap(
        lambda n: st.builds(lambda a, b: a | b, extra, declared) if n == 0 else declared
    )


def metadata() -> SearchStrategy[JsonObject]:
    """Metadata other than the name; two of three are empty."""
    texts = st.dictionaries(
        st.sampled_from(("a", "x/y", "c")), st.sampled_from(("1", "2", "")), max_size=2
    )
    finalizers = st.lists(st.sampled_from(("t.io/a", "t.io/b")), max_size=2, unique=True)
    some = st.fixed_dictionaries(
        {}, optional={"labels": texts, "annotations": texts, "finalizers": finalizers}
    )
    return st.integers(0, 2).flatmap(lambda n: some if n == 0 else st.just({}))


def manifests(crd: Crd) -> SearchStrategy[JsonObject]:
    """Spec and metadata of a manifest, generated from the schema and from the valid examples, half of them mutated."""
    spec = crd.storage_version.schema.properties["spec"]
    known = st.sampled_from(
        [
            example.manifest.document.body()["spec"]
            for example in examples("valid")
            if example.crd.kind == crd.kind
        ]
    )
    extended = st.builds(lambda seed, part: seed | part, known, parts(spec))
    good = known | extended | specs(spec, wrong=False)
    valid = st.builds(
        lambda value, metadata: {"spec": value, "metadata": metadata}, good, metadata()
    )
    wrong = mutated(valid).map(_with_metadata)
    return st.one_of(valid, wrong, specs(spec).map(lambda value: {"spec": value, "metadata": {}}))


def _with_metadata(manifest: JsonObject) -> JsonObject:
    """The manifest with a mapping as its metadata, into which a test writes the name."""
    kept = manifest.get("metadata")
    return manifest | {"metadata": kept if isinstance(kept, dict) else {}}


def mutated(value: SearchStrategy[JsonObject]) -> SearchStrategy[JsonObject]:
    """A value with one to three mutations: a child is removed, replaced, repeated, or gets an extra field."""
    times = st.integers(1, 3)
    return st.builds(_mutated, value, times, st.randoms(use_true_random=False))


_ODD: tuple[Json, ...] = (
    None,
    0,
    -1,
    3,
    0.7,
    2**40,
    "",
    "a",
    "A b",
    "x" * 300,
    True,
    [],
    {},
    ["a"],
)


def _mutated(value: JsonObject, times: int, random: Any) -> JsonObject:
    out: JsonObject = copy.deepcopy(value)
    for _ in range(times):
        positions = list(_positions(out))
        if positions:
            parent, key = random.choice(positions)
            _mutate(parent, key, random)
    return out


def _positions(value: Json) -> Iterator[tuple[Any, Any]]:
    """Every value below this one, as its parent and its key or index."""
    if isinstance(value, dict | list):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield value, key
            yield from _positions(child)


def _mutate(parent: Any, key: Any, random: Any) -> None:
    child = parent[key]
    match random.choice(("remove", "replace", "replace", "extend", "repeat")):
        case "remove":
            del parent[key]
        case "extend" if isinstance(child, dict):
            child[random.choice(_KEYS)] = copy.deepcopy(random.choice(_ODD))
        case "repeat" if isinstance(child, list) and child:
            child.append(copy.deepcopy(random.choice(child)))
        case _:
            parent[key] = copy.deepcopy(random.choice(_ODD))


def with_nulls(value: SearchStrategy[Json]) -> SearchStrategy[Any]:
    """A merge patch made of a value, in which a quarter of the leaves are null."""
    return st.builds(_nulled, value, st.randoms(use_true_random=False))


def _nulled(value: Json, random: Any) -> Json:
    if isinstance(value, dict):
        return {key: _nulled(child, random) for key, child in value.items()}
    return None if random.random() < 0.25 else value
