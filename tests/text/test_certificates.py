"""The validity of certificates, compared with the library that made them; and of what only looks like one."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from reconciler.text.certificates import first_expiry

AUTHORITY = trustme.CA()


def leaf(expires: datetime) -> bytes:
    return AUTHORITY.issue_cert("a.example.com", not_after=expires).cert_chain_pems[0].bytes()


@pytest.mark.parametrize("year", [2027, 2049, 2050, 2099])
def test_both_forms_of_a_time_are_read(year: int) -> None:
    """Until 2049 it has two digits for the year, then four."""
    expires = datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert first_expiry(leaf(expires)) == f"{year}-12-31T23:59:59Z"


def test_the_first_of_several_counts() -> None:
    years = [leaf(datetime(year, 1, 1, tzinfo=UTC)) for year in (2031, 2029, 2030)]
    assert first_expiry(b"\n".join(years)) == "2029-01-01T00:00:00Z"


def test_a_private_key_and_a_broken_certificate_have_no_expiry() -> None:
    assert first_expiry(AUTHORITY.private_key_pem.bytes()) == ""
    good = leaf(datetime(2030, 1, 1, tzinfo=UTC))
    assert first_expiry(good[: len(good) // 2]) == ""
    broken = good.replace(b"MII", b"AAA")
    assert first_expiry(broken) == ""
    assert first_expiry(broken + good) == "2030-01-01T00:00:00Z"


@given(st.binary(max_size=80), st.integers(0, 400))
def test_no_value_is_an_error(noise: bytes, cut: int) -> None:
    der = base64.b64decode(b"".join(leaf_lines()))
    for body in (noise, der[:cut] + noise + der[cut:], noise + der):
        encoded = base64.encodebytes(body)
        value = b"-----BEGIN CERTIFICATE-----\n" + encoded + b"-----END CERTIFICATE-----\n"
        assert isinstance(first_expiry(value), str)


def leaf_lines() -> list[bytes]:
    return AUTHORITY.cert_pem.bytes().splitlines()[1:-1]
