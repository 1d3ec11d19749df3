"""Plain scalars: expectations are the output of `kubectl annotate --local -o json` (1.32)."""

from __future__ import annotations

import pytest

from reconciler.text.yaml.scalars import InvalidNumber, is_ambiguous_boolean, is_octal, resolve

TRUE = "y Y yes Yes YES on On ON true True TRUE"
FALSE = "n N no No NO off Off OFF false False FALSE"
NULL = "~ null Null NULL"
TEXT = """
    yEs tRUE nULL = << 0o8 1:30 190:20:30 0b12 0xg _1 + . .. .e3 e3 2024-01-01 2024-01-01T00:00:00Z 1.2.3 1e5.5 0x1p3
    0x1.8p1 inf nan Inf NaN infinity +inf -inf 0b 0x 0o -y 1e 1e+ ._1 1e400 -1e400 0xFFFFFFFFFFFFFFFFFF -.inf_
"""
NUMBERS = {
    "0o17": 15, "0O17": 15, "08": 8, "09": 9, "010": 8, "0777": 511, "1e3": 1000, "1E-2": 0.01, "-.5": -0.5,
    ".5": 0.5, "5.": 5, "012e1": 120, "0b11": 3, "-0b11": -3, "0x1f": 31, "0X1F": 31, "-0x1f": -31, "1_000": 1000,
    "1_": 1, "1__0": 10, "+1": 1, "-1": -1, "1.": 1, "1.e3": 1000, "-0": 0, "+0": 0, "0": 0, "00": 0, "1.0": 1,
    "1.10": 1.1, "100.0": 100, "1e21": 1e21, "1e20": 1e20, "1e18": 10**18, "123456789012345678": 123456789012345678,
    "9007199254740993": 9007199254740993, "-9223372036854775808": -(2**63), "9223372036854775807": 2**63 - 1,
    "1_0.5": 10.5, "0x_1": 1, "0b_1": 1, "0o_7": 7, "0_7": 7, "-0o17": -15, "+0x1f": 31, "0.1e+5": 10000, "+.5": 0.5,
    "1_000.5": 1000.5, ".1_0": 0.1, "1e1_0": 10**10, "007": 7, "0b11_01": 13, "0x1F_FF": 8191, "0.0": 0, "-0.0": 0,
    "1e-7": 1e-7, "1.5e300": 1.5e300, "-08": -8, "-010": -8, "0_8": 8, "0_10": 8, "1._5": 1.5, "+_1": 1, "-._1": -0.1,
    ".1e1_0": 10**9, "1__e5": 100000, "1e-400": 0,
}  # fmt: skip


@pytest.mark.parametrize("text", TRUE.split())
def test_true(text: str) -> None:
    assert resolve(text) is True


@pytest.mark.parametrize("text", FALSE.split())
def test_false(text: str) -> None:
    assert resolve(text) is False


@pytest.mark.parametrize("text", ["", *NULL.split()])
def test_null(text: str) -> None:
    assert resolve(text) is None


@pytest.mark.parametrize("text", TEXT.split())
def test_strings_that_look_like_other_types(text: str) -> None:
    assert resolve(text) == text


@pytest.mark.parametrize(("text", "number"), NUMBERS.items())
def test_numbers(text: str, number: float) -> None:
    value = resolve(text)
    assert value == number
    assert isinstance(value, type(number))


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", "+.Inf"])
def test_nan_and_infinities(text: str) -> None:
    assert resolve(text) is InvalidNumber.NOT_A_NUMBER


@pytest.mark.parametrize(
    "text",
    [
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "9" * 100_000,
        "0xFFFFFFFFFFFFFFFF",
    ],
)
def test_integers_that_kubectl_rounds(text: str) -> None:
    assert resolve(text) is InvalidNumber.TOO_LARGE


def test_scalars_that_deserve_a_warning() -> None:
    assert [
        w for w in ("no", "on", "y", "true", "False", "nope", "~") if is_ambiguous_boolean(w)
    ] == ["no", "on", "y"]
    assert [w for w in ("010", "0777", "08", "0o17", "0", "00", "1.0", "007") if is_octal(w)] == [
        "010",
        "0777",
    ]
