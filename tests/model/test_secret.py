"""Fingerprints: the published vectors, and what must never happen to the key."""

from __future__ import annotations

import copy
import pickle

import pytest

from reconciler.model.secret import Fingerprint, Keyring

KEYRING = Keyring(bytes(range(32)))


def test_the_key_id_matches_its_vector() -> None:
    assert KEYRING.key_id == "2811fcd9"


@pytest.mark.parametrize(
    ("name", "key", "value", "expected"),
    [
        ("openai-credentials", "api-key", b"sk-test-123", "827ba3994ec7ba02"),
        (
            "gcp-sa-credentials",
            "service-account.json",
            b'{"type":"service_account"}',
            "538c937f92ad7b3f",
        ),
    ],
)
def test_a_fingerprint_matches_its_vector(name: str, key: str, value: bytes, expected: str) -> None:
    found = KEYRING.fingerprint("prod", "llm", name, key, value)
    assert str(found) == f"hs1:2811fcd9:{expected}"


def test_one_value_under_two_references_has_two_fingerprints() -> None:
    """A reader must not learn that a key is used twice."""
    places = [("prod", "llm", "a", "k"), ("dev", "llm", "a", "k"), ("prod", "llm", "a", "l")]
    found = {KEYRING.fingerprint(*place, b"same").digest for place in places}
    assert len(found) == len(places)


def test_length_prefixes_leave_no_ambiguity() -> None:
    assert KEYRING.fingerprint("e", "n", "ab", "c", b"") != KEYRING.fingerprint(
        "e", "n", "a", "bc", b""
    )


def test_a_fingerprint_reads_back_what_it_prints() -> None:
    printed = "hs1:2811fcd9:827ba3994ec7ba02"
    parsed = Fingerprint.parse(printed)
    assert parsed is not None
    assert str(parsed) == printed
    assert Fingerprint.parse("sha256:abc") is None


def test_the_key_shows_itself_nowhere() -> None:
    secret = bytes(range(200, 232))
    keyring = Keyring(secret)
    assert repr(secret)[2:10] not in repr(keyring)
    for leave in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            leave(keyring)


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Keyring(b"short")
