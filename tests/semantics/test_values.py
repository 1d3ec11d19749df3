"""JSON values as Go compares and prints them."""

from __future__ import annotations

import pytest

from reconciler.model.document import Json
from reconciler.semantics.values import (
    content,
    copied,
    go_json,
    go_number,
    go_quoted,
    go_text,
    same,
    with_plain_numbers,
)
from reconciler.semantics.violation import INVALID, aggregate, value_text, violation


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1"),
        (-2.0, "-2"),
        (0.7, "0.7"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (1e-10, "1e-10"),
        (1.5e-9, "1.5e-09"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (-1e21, "-1e+21"),
        (1.5e300, "1.5e+300"),
    ],
)
def test_a_number_has_an_exponent_from_1e21_and_below_1e_4(number: float, text: str) -> None:
    assert go_number(number) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (1e21, "1e+21"),
        ("a", '"a"'),
        ([1, "a", None], '[1,"a",null]'),
        ({"a": 1, "b": "x"}, 'a=1b="x"'),
    ],
)
def test_a_value_in_the_words_of_structured_merge_diff(value: Json, text: str) -> None:
    assert go_text(value) == text


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("ä<&> ключ 😀", '"ä<&> ключ 😀"'),
        ('"', r'"\""'),
        (r"\u0041", r'"\\u0041"'),
        ("\a\b\f\n\r\t\v", r'"\a\b\f\n\r\t\v"'),
        ("\x00\x1f\x7f", r'"\x00\x1f\x7f"'),
        ("\x80\u200b\u00a0", r'"\u0080\u200b\u00a0"'),
        ("\U000e0001", r'"\U000e0001"'),
    ],
)
def test_a_text_is_quoted_as_go_quotes_it(text: str, quoted: str) -> None:
    assert go_quoted(text) == quoted


def test_json_escapes_what_html_must_not_contain() -> None:
    value: Json = {"b": 4.0, "a": "<&>\u2028\u2029ä"}
    assert go_json(value) == r'{"a":"\u003c\u0026\u003e\u2028\u2029ä","b":4}'


def test_a_whole_number_is_an_integer_if_it_fits_one() -> None:
    plain = with_plain_numbers({"a": [4096.0, 0.5], "b": 2.0**63, "c": -(2.0**63), "d": True})
    assert str(plain) == (
        "{'a': [4096, 0.5], 'b': 9.223372036854776e+18, 'c': -9.223372036854776e+18, 'd': True}"
    )


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (1, 1.0, True),
        (1, True, False),
        (False, 0, False),
        (True, True, True),
        (True, False, False),
        ([1, {"a": 1}], [1.0, {"a": 1.0}], True),
        ([1], [1, 2], False),
        ([True], [1], False),
        ([], {}, False),
        ({}, [], False),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ({"a": 1}, {"b": 1}, False),
        ({"a": True}, {"a": 1}, False),
        (None, 0, False),
        ("1", 1, False),
    ],
)
def test_values_are_the_same_as_json(left: Json, right: Json, equal: bool) -> None:
    assert same(left, right) is equal
    assert same(right, left) is equal


def test_a_copy_shares_nothing() -> None:
    value: Json = {"a": [{"b": 1}]}
    copy = copied(value)
    assert copy == value
    assert copy["a"] is not value["a"]
    assert copy["a"][0] is not value["a"][0]


def test_the_content_of_an_object_has_no_name() -> None:
    body = {"metadata": {"name": "a", "namespace": "b", "labels": {"c": "d"}}, "spec": {}}
    assert content(body) == '{"metadata":{"labels":{"c":"d"}},"spec":{}}'
    assert content({"spec": {}}) == '{"spec":{}}'
    assert body["metadata"]["name"] == "a"


@pytest.mark.parametrize(
    ("value", "text"), [("a", '"a"'), (True, "true"), (1e-7, "1e-07"), ({"a": None}, '{"a":null}')]
)
def test_the_value_of_a_violation(value: Json, text: str) -> None:
    assert value_text(value) == text


def test_several_violations_are_in_brackets() -> None:
    first, second = (
        violation(("spec", name), f"spec.{name}", INVALID, "no") for name in ("a", "b")
    )
    assert aggregate([first, first]) == "spec.a: Invalid value: no"
    assert aggregate([first, second]) == "[spec.a: Invalid value: no, spec.b: Invalid value: no]"
    assert first.rule == ""
