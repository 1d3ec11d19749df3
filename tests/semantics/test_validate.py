"""Validation of one object without a server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model.document import JsonObject
from reconciler.semantics.schema.defaults import with_defaults
from reconciler.semantics.schema.structural import Schema
from reconciler.semantics.validation import patterns
from reconciler.semantics.validation.custom_resource import Verdict, validate
from reconciler.semantics.validation.formats import checks, is_date_time
from reconciler.semantics.validation.openapi import Check, Place
from reconciler.semantics.validation.rules import RuleCheck
from reconciler.semantics.values import content
from reconciler.semantics.violation import UNCHECKED
from tests.semantics import sources


def verdict(spec: object, old: JsonObject | None = None) -> Verdict:
    version = sources.sink()
    body = with_defaults(version.schema, sources.body(version, spec))
    return validate(version, body, None if old is None else with_defaults(version.schema, old))


def test_a_valid_object_has_no_violations() -> None:
    assert verdict({"text": "abc", "when": "2026-01-01T00:00:00Z"}) == Verdict(())


def test_a_violation_has_the_path_of_its_value() -> None:
    (violation,) = verdict({"parts": [{"name": "a"}, {"name": "b", "value": "b"}]}).violations
    assert violation.path == ("spec", "parts", 1)
    assert violation.field == "spec.parts[1]"
    assert violation.rule == "!has(self.value) || self.value != self.name"
    assert violation.cause.message == "Invalid value: a part is not its own value"


class TestObjectsOfOneTemplate:
    """Verdicts are kept by content, and each object still has its own."""

    @pytest.mark.parametrize(
        "restriction",
        [
            {"x-kubernetes-validations": [{"rule": "self.metadata.name == 'right'"}]},
            {"properties": {"metadata": {"properties": {"name": {"enum": ["right"]}}}}},
            {"not": {"properties": {"metadata": {"properties": {"name": {"enum": ["wrong"]}}}}}},
        ],
    )
    def test_a_schema_may_judge_the_name(self, restriction: JsonObject) -> None:
        schema = Schema.of({"type": "object"} | restriction)
        version = replace(sources.sink(), schema=schema)
        names = ("right", "wrong", "right")
        bodies = [sources.body(version, {"text": "abc"}, name=name) for name in names]
        assert [bool(validate(version, body).violations) for body in bodies] == [False, True, False]

    def test_a_wrong_name_is_a_violation_of_its_own_object(self) -> None:
        version = sources.sink()
        names = ("right", "Wrong_", "right")
        written = [sources.body(version, {"text": "abc"}, name=name) for name in names]
        bodies = [with_defaults(version.schema, body) for body in written]
        fields = [[each.field for each in validate(version, body).violations] for body in bodies]
        assert fields == [[], ["metadata.name"], []]

    def test_labels_are_content(self) -> None:
        body = sources.body(sources.sink(), {}, name="a", labels={"team": "x"})
        assert content(body) == content(
            sources.body(sources.sink(), {}, name="b", labels={"team": "x"})
        )
        assert content(body) != content(
            sources.body(sources.sink(), {}, name="a", labels={"team": "y"})
        )

    def test_each_schema_has_its_own_verdicts(self) -> None:
        body = sources.body(sources.sink(), {"text": "abc"})
        for limit, expected in ((3, False), (2, True), (3, False)):
            text = {"type": "string", "maxLength": limit}
            spec = {"type": "object", "properties": {"text": text}}
            schema = Schema.of({"type": "object", "properties": {"spec": spec}})
            version = replace(sources.sink(), schema=schema)
            assert bool(validate(version, body).violations) is expected


def test_rules_are_skipped_after_a_blocking_violation() -> None:
    violations = verdict({"mode": "deep", "count": 12, "words": []}).violations
    assert [violation.field for violation in violations] == ["spec.count", "spec.words", "spec"]
    assert violations[-1].message.endswith(
        "no such key: text evaluating rule: a deep sink needs a text"
    )
    assert verdict({"mode": "nope"}).violations[-1] is UNCHECKED


def test_metadata_is_validated() -> None:
    version = sources.sink()
    body = with_defaults(version.schema, sources.body(version, {}, labels={"a b": "c"}))
    (violation,) = validate(version, body).violations
    assert violation.path == ("metadata", "labels", "a b")
    assert violation.field == "metadata.labels"


def test_an_update_may_keep_an_invalid_value() -> None:
    old = sources.body(sources.sink(), {"text": "TOO LONG TEXT", "count": 3})
    assert verdict({"text": "TOO LONG TEXT", "count": 4}, old).violations == ()
    (violation,) = verdict({"text": "TOO LONG TEXT", "count": 5}, old).violations
    assert violation.field == "spec.count"


def test_a_rule_with_an_unknown_function_is_not_provable() -> None:
    version = sources.sink()
    schema = Schema.of(
        {
            "type": "object",
            "x-kubernetes-validations": [
                {"rule": "isURL(self.a)"},
                {"rule": "self.a.lowerAscii() == 'x'"},
                {"rule": "self.?a.hasValue()"},
                {"rule": "self.a.contains(1)"},
            ],
            "properties": {"a": {"type": "string"}},
        }
    )
    check = RuleCheck()
    assert check.violations(schema, {"a": "x"}) == []
    assert len(check.not_provable) == 4
    assert version.schema.has_rules


def test_a_message_may_be_an_expression() -> None:
    schema = Schema.of(
        {
            "type": "object",
            "properties": {"a": {"type": "string"}},
            "x-kubernetes-validations": [
                {
                    "rule": "self.a == 'x'",
                    "messageExpression": "'a is ' + self.a",
                    "fieldPath": ".a",
                },
                {"rule": "self.a == 'x'", "messageExpression": "self.nope", "message": "plain"},
                {"rule": "self.a == 'x'"},
            ],
        }
    )
    violations = RuleCheck().violations(schema, {"a": "y"})
    assert [violation.message for violation in violations] == [
        "Invalid value: a is y",
        "Invalid value: plain",
        "Invalid value: failed rule: self.a == 'x'",
    ]
    assert violations[0].field == "a"


def test_an_unknown_format_is_not_provable() -> None:
    check = Check()
    assert check.violations(Schema.of({"type": "string", "format": "uri"}), "x", Place()) == []
    assert check.not_provable
    assert checks("int32") is False
    assert checks("uri") is None


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("^a$", "a", True),
        ("^a$", "a\n", False),
        (r"^\d[$]$", "1$", True),
        (r"^\d[$]$", "\u0661$", False),
        (r"^\pL+$", "\u00e9", True),
        ("(?i)^abc$", "ABC", True),
        ("b", "abc", True),
        (r"^\w$", "\u00e9", False),
        ("^.$", "\U0001f600", True),
        ("^.$", "\ud800", True),
        ("(", "(", None),
        (r"(?=a)", "a", None),
        (r"\pL{1000}", "a", None),
        ("\ud800", "a", None),
    ],
)
def test_a_pattern_is_a_go_regular_expression(
    pattern: str, text: str, matches: bool | None
) -> None:
    assert patterns.search(pattern, text) is matches


def test_a_pattern_takes_time_linear_in_the_text() -> None:
    """With backtracking this test would not end."""
    for pattern in (r"^(a+)+$", r"^(a|a)*$", r"^([a-z]+\d*)+$", r"^a*a*a*a*$"):
        assert patterns.search(pattern, "a" * 100_000 + "!") is False
        assert patterns.search(pattern, "a" * 100_000) is True


def test_an_unsupported_pattern_is_not_provable() -> None:
    check = Check()
    assert check.violations(Schema.of({"type": "string", "pattern": "("}), "x", Place()) == []
    assert check.not_provable == [": the pattern ("]


def test_date_times_are_parsed_as_the_server_parses_them() -> None:
    valid = ("2026-01-01T00:00:00Z", "2026-01-01t00:00:00.5z", "2024-02-29T00:00:00+01:00")
    invalid = (
        "soon",
        "2026-13-01T00:00:00Z",
        "2025-02-29T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01",
        "t",
    )
    assert all(is_date_time(text) for text in valid)
    assert not any(is_date_time(text) for text in invalid)
