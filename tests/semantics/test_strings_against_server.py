"""Patterns and formats of strings: the engine and the API server admit the same strings."""

from __future__ import annotations

import pytest

from reconciler.model.document import JsonObject, dig
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.validation import patterns
from tests.controlplane import crds
from tests.controlplane.plane import ControlPlane
from tests.semantics.test_rules_against_server import causes_of
from tests.semantics.twin import Request, Twin

# fmt: off
PATTERNS = (
    # Quantifiers, groups, flags.
    *("a*?b", "a{2}", "a{,3}", "a{2,}", "^(a|b)+$", "a{1000}", "(?:)", "()", "a|", "{", "a{", "]"),
    *("(?i)abc", "(?i)k", "(?i)\u017f", "(?i)\u00df", "(?i:AB)c?", "(?m)^b$", "(?s)a.b", "(?U)^a+$"),
    *("(?P<n>a)(?P<m>b)", "(?<n>b)", "^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y"),
    # Anchors.
    *("^$", "b$", r"\Aa", r"b\z", r"\ba", r"\Ba", "^", "$^"),
    # Characters and classes.
    *(".", "^.$", "^..$", r"\d", r"^\D+$", r"\w", r"^\W+$", r"\s", r"^\S+$", r"[\d.]", r"^[^\s]*$"),
    *("[a-c]", "[^a]", "[]a]", "[a-]", r"[a\]]", "[[:alpha:]]", "[[:^digit:]]", "[[:word:]]"),
    *("[[.a.]]", r"\pL", r"\p{L}", r"\PL", r"\p{^L}", r"\p{Lu}", r"\p{Greek}", r"\pN", r"\pZ"),
    *(r"[\pL\d]", r"[^\pL]", r"\p{Any}", r"\Q.*\E", r"\Qa", r"\x41", r"\x{e9}", r"\a|\f|\v", r"\07"),
    *(r"\101", r"\_", r"\-", r"\/", "\u00e9", "\U0001f600", "\u0663", "[\u03b1-\u03c9]"),
    # Patterns of CRDs.
    *(r"^-?[0-2](\.\d+)?$", r"^(0(\.\d+)?|1(\.0+)?)$", "^https?://.*", "^[a-z]{2}(-[A-Z]{2})?$"),
    *("^([0-9]{1,5}(h|m|s|ms)){1,4}$", r"^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?$"),
)
TEXTS = (
    *("", "a", "b", "ab", "aab", "aaa", "abc", "ABC", "aB", "k", "K", "s", "S", "n", "A", "x41", "cA"),
    *("1", "1a", " a", "a\n", "\n", "a\nb", "a.b", "-", "_", "\t", "\v", "\f", "\a", "\x7f", "\x85"),
    *(".*", "{", "a{", "}", "]", "[", "\\", "/", "\u00e9", "\u00e9a", "e\u0301", "\u0663", "\u00b2"),
    *("\u212a", "\u017f", "\u00df", "\u1e9e", "\u03a9", "\u03c9", "\u03c2", "\u0130", "\u0131"),
    *("\u01c5", "\u2167", "\u00a0", "\u2028", "\u200d", "\ufffd", "\ue000", "\U0001f600", "\U00010428"),
    *("a" * 1001, "x" * 30, "0.5", "1.0", "2.5", "-1", "1h30m", "http://x", "en", "en-US", "*.a"),
)
# Patterns that Go refuses, so that no server has a CRD with them.
REFUSED = (
    *("(", ")", "[z-a]", "*", "a**", "a{1001}", "a{2,1}", "(a{40}){40}", r"\1", r"\Z", r"\K", r"\h"),
    *("(?=a)", "(?<=a)", "(?>a)", "(?#c)", "(?x)a", r"\p{Foo}", r"\cA", r"\u0041", "[[:foo:]]", "\\"),
    *("(?P=n)", r"[a-\d]"),
)
TIMES = (
    *("2026-07-30T12:00:00Z", "2026-07-30t12:00:00z", "2026-07-30T12:00:00.123456789+23:59"),
    *("2026-07-30T12:00:00,5Z", "2026-07-30T12:00:00x5Z", "2026-07-30T12:00:00.Z", "2026-07-30"),
    *("2024-02-29T00:00:00Z", "2026-02-29T00:00:00Z", "2000-02-29T00:00:00Z", "1900-02-29T00:00:00Z"),
    *("0000-02-29T00:00:00Z", "0000-01-00T00:00:00Z", "9999-12-31T23:59:59Z", "10000-01-01T00:00:00Z"),
    *("2026-00-10T00:00:00Z", "2026-13-10T00:00:00Z", "2026-04-31T00:00:00Z", "2026-7-30T12:00:00Z"),
    *("2026-07-30T24:00:00Z", "2026-07-30T23:60:00Z", "2026-07-30T23:59:60Z", "2026-07-30T12:00Z"),
    *("2026-07-30T12:00:00", "2026-07-30T12:00:00+2:00", "2026-07-30T12:00:00+99:99", "", "t", "soon"),
    *("2026-07-30 12:00:00Z", "2026-07-30T12:00:00Z\n", "\u0662026-07-30T12:00:00Z", "T12:00:00Z"),
    *("2026-07-30T12:00:00ZTail", "2026-07-30T12:00:00Z tail", "2026-07-30T12:00:00-00:00"),
)
# fmt: on


def crd_of(fields: dict[str, JsonObject]) -> JsonObject:
    """A kind whose fields are lists of strings with these schemas."""
    lists = {name: {"type": "array", "items": string} for name, string in fields.items()}
    spec = {"type": "object", "properties": lists}
    schema = {"type": "object", "properties": {"spec": spec}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"kind": "Text", "listKind": "TextList", "plural": "texts", "singular": "text"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "texts.semantics.test"},
        "spec": {
            "group": "semantics.test",
            "names": names,
            "scope": "Namespaced",
            "versions": [version],
        },
    }


def test_both_admit_the_same_strings(control_plane: ControlPlane, namespace: str) -> None:
    matched = {f"p{n}": {"type": "string", "pattern": text} for n, text in enumerate(PATTERNS)}
    body = crd_of(matched | {"times": {"type": "string", "format": "date-time"}})
    crds.install(control_plane.request, [body])
    twin = Twin(control_plane, Crd.of(body), namespace, "text")
    # The server reads the body of an apply as YAML, which cannot have control characters.
    request = Request(
        "create", twin.body({name: [*TEXTS] for name in matched} | {"times": [*TIMES]})
    )
    theirs = {cause.field for cause in twin.send_to_server(request).causes}
    assert {cause.field for cause in causes_of(twin, request)} == theirs
    assert 2000 < len(theirs) < len(PATTERNS) * len(TEXTS)


@pytest.mark.parametrize("pattern", REFUSED)
def test_a_pattern_that_go_refuses_is_unsupported(pattern: str) -> None:
    assert patterns.search(pattern, "a") is None


def test_the_server_refuses_each_of_these_patterns(control_plane: ControlPlane) -> None:
    body = crd_of({f"p{n}": {"pattern": text, "type": "string"} for n, text in enumerate(REFUSED)})
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    answer = control_plane.request("POST", path, params={"dryRun": "All"}, json=body).json()
    causes = dig(answer, "details", "causes")
    invalid = ["must be a valid regular expression" in cause["message"] for cause in causes]
    assert sum(invalid) == len(REFUSED)
