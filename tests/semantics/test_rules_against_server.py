"""CEL expressions of many kinds: the engine evaluates each as the API server does, or reports it as not provable."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest

from reconciler.errors import Cause, Refused
from reconciler.model.document import JsonObject
from reconciler.model.identity import ObjectRef
from reconciler.semantics import server
from reconciler.semantics.schema.crd import Crd
from tests.controlplane import crds
from tests.controlplane.plane import ControlPlane
from tests.semantics.twin import Request, Twin

# The engine and the server must agree on each of these rules for every value below.
RULES = (
    "has(self.s)",
    "!has(self.s) || size(self.s) > 1",
    "self.s == 'abc'",
    "self.s != 'abc' && self.n > 1",
    "self.s in ['abc', 'x']",
    "self.s.startsWith('a') || self.s.endsWith('z') || self.s.contains('\\u00e9')",
    "self.s.matches('^[a-z]+$')",
    "self.s.matches('^\\\\w+$')",
    "!self.s.matches(r'^\\pL+$') || matches(self.s, '(?i)^ABC$')",
    "self.s.size() == 3 && size('size(') == 5",
    "size(self.l) == 2 || self.m.size() == 1 || size(self.nested) == 2",
    "size(self.s) == 3",
    "self.s < 'b'",
    "self.s + 'x' == 'abcx'",
    "self.n == 2",
    "self.n >= 1 && self.n <= 3",
    "self.n * 2 + 1 - 3 / 1 > 2",
    "self.n % 2 == 0",
    "10 / self.n > 4",
    "-self.n < 0",
    "self.d > 1.0",
    "self.d == 2.0",
    "self.d > 1",
    "self.n < 2.5",
    "double(self.n) == self.d",
    "int(self.d) == 2",
    "self.b",
    "self.b ? self.n == 2 : self.n == 3",
    "(has(self.s) ? 1 : 0) + (has(self.n) ? 1 : 0) <= 1",
    "self.l.all(x, x > 0)",
    "self.l.exists(x, x == 2)",
    "self.l.exists_one(x, x == 2)",
    "self.l.map(x, x * 2) == [2, 4]",
    "self.l.filter(x, x > 1).size() == 1",
    "self.l[0] == 1",
    "self.l[5] == 1",
    "2 in self.l",
    "self.l + [3] == [1, 2, 3]",
    "self.m['k'] == 'v'",
    "'k' in self.m",
    "has(self.m.k)",
    "self.m.all(k, self.m[k] != '')",
    "size(self.m) == 1",
    "self.o.a == 'x'",
    "has(self.o) && has(self.o.a)",
    "has(self.o.a)",
    "self.o == self.o",
    "self.p == 80 || self.p == 'http'",
    "self.t > timestamp('2026-01-01T00:00:00Z')",
    "self.t == self.t",
    "[has(self.s), has(self.n), self.b].exists_one(v, v)",
    "self.s == 'abc' || self.nested.all(e, e.name != '' && (!has(e.value) || e.value > 0))",
    "self.nested.exists(e, self.nested.exists_one(f, f.name == e.name))",
    "self.with__dash__ed == 'd'",
    "self.__namespace__ == 'ns'",
    "string(self.n) == '2'",
    "dyn(self.n) == 2",
)
# Rules that only the server evaluates.
FOREIGN = (
    "isURL(self.s)",
    "self.s.lowerAscii() == 'abc'",
    "self.l.isSorted()",
    "self.?s.orValue('x') == 'x'",
    "quantity(self.s).isGreaterThan(quantity('1'))",
    "duration('1h') > duration('1m')",
    "type(self.n) == int",
    "self.l.sum() == 3",
    "'%d'.format([self.n]) == '2'",
)
VALUES: tuple[JsonObject, ...] = (
    {},
    {"s": "abc", "n": 2, "d": 2, "b": True, "l": [1, 2], "m": {"k": "v"}, "o": {"a": "x"}, "p": 80},
    {"s": "b", "n": 3, "d": 0.5, "b": False, "l": [2, 2], "m": {"k": ""}, "o": {}, "p": "http"},
    {
        "s": "\u00e9\u00e9\u00e9",
        "n": 0,
        "d": 1,
        "l": [],
        "m": {},
        "o": {"a": "y", "c": "z"},
        "p": "x",
    },
    {"s": "", "n": -1, "d": 2.5, "l": [0], "t": "2026-07-30T12:00:00Z", "b": True},
    {"t": "2025-01-01T00:00:00.5+02:00", "nested": [{"name": "a"}, {"name": "a", "value": 1}]},
    {"nested": [{"name": "", "value": 0}], "with-ed": "d", "namespace": "ns", "s": "\U0001f600ab"},
)
CONTEXT = server.WriteContext("alice", "2026-07-30T12:00:00Z", "1", lambda: "uid")
_TEXT = {"type": "string"}
_FIELDS: dict[str, Any] = {
    "s": _TEXT,
    "n": {"type": "integer"},
    "d": {"type": "number"},
    "b": {"type": "boolean"},
    "l": {"type": "array", "maxItems": 9, "items": {"type": "integer"}},
    "m": {"type": "object", "maxProperties": 9, "additionalProperties": _TEXT},
    "o": {"type": "object", "properties": {"a": _TEXT, "c": _TEXT}},
    "p": {"x-kubernetes-int-or-string": True},
    "t": {"type": "string", "format": "date-time"},
    "with-ed": _TEXT,
    "namespace": _TEXT,
    "nested": {
        "type": "array",
        "maxItems": 5,
        "items": {"type": "object", "properties": {"name": _TEXT, "value": {"type": "integer"}}},
    },
}


def crd_of(rules: tuple[str, ...]) -> JsonObject:
    """A kind with a field for each rule, so that a single request evaluates all of them."""
    fields = {
        f"r{number}": {
            "type": "object",
            "properties": _FIELDS,
            "x-kubernetes-validations": [{"rule": rule}],
        }
        for number, rule in enumerate(rules)
    }
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": fields}}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"kind": "Rule", "listKind": "RuleList", "plural": "rules", "singular": "rule"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "rules.semantics.test"},
        "spec": {
            "group": "semantics.test",
            "names": names,
            "scope": "Namespaced",
            "versions": [version],
        },
    }


@pytest.fixture(scope="module")
def rules(control_plane: ControlPlane) -> Crd:
    body = crd_of(RULES)
    crds.install(control_plane.request, [body])
    return Crd.of(body)


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_both_evaluate_every_rule_alike(
    control_plane: ControlPlane, rules: Crd, namespace: str, value: JsonObject
) -> None:
    twin = Twin(control_plane, rules, namespace, "rule")
    request = Request("apply", twin.body({f"r{number}": value for number in range(len(RULES))}))
    theirs = twin.send_to_server(request)
    assert _comparable(causes_of(twin, request)) == _comparable(theirs.causes)


def causes_of(twin: Twin, request: Request) -> tuple[Cause, ...]:
    """The causes for which the engine refuses a body; everything in it must be provable."""
    try:
        result = server.apply(twin.crd, twin.ref, None, request.body, CONTEXT)
        assert result.not_provable == ()
    except Refused as refused:
        return refused.causes
    return ()


def _comparable(causes: Iterable[Cause]) -> set[tuple[str, str]]:
    """Fields and messages without the missing key, because each side may name another of several missing keys."""
    return {
        (cause.field, re.sub("no such key: [^ ]+", "no such key", cause.message))
        for cause in causes
    }


@pytest.mark.parametrize("rule", FOREIGN)
def test_a_rule_that_only_the_server_evaluates_is_not_provable(rule: str) -> None:
    crd = Crd.of(crd_of((rule,)))
    body = {
        "apiVersion": "semantics.test/v1",
        "kind": "Rule",
        "metadata": {"name": "a"},
        "spec": {"r0": VALUES[1]},
    }
    ref = ObjectRef("semantics.test", "Rule", "ns", "a")
    (reason,) = server.apply(crd, ref, None, body, CONTEXT).not_provable
    assert rule in reason
