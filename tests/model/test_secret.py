"""Fingerprints: the published vectors, and what must never happen to the key."""

from __future__ import annotations

import copy
import pickle

import pytest

from reconciler.model.identity import secret_ref
from reconciler.model.secret import (
    Fingerprint,
    Format,
    Keyring,
    SecretReference,
    SecretState,
    is_wrong,
)

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
    fingerprint = KEYRING.fingerprint("prod", "llm", name, key, value)
    assert str(fingerprint) == f"hs1:2811fcd9:{expected}"


def test_one_value_under_two_references_has_two_fingerprints() -> None:
    """A reader must not learn that a key is used twice."""
    places = [("prod", "llm", "a", "k"), ("dev", "llm", "a", "k"), ("prod", "llm", "a", "l")]
    fingerprint = {KEYRING.fingerprint(*place, b"same").digest for place in places}
    assert len(fingerprint) == len(places)


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
        with pytest.raises(TypeError, match=r"^a keyring is never serialised$"):
            leave(keyring)


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Keyring(b"short")


@pytest.mark.parametrize("text", ["", "hs1", "hs1:a", "hs1::b", "hs1:a:", "hs2:a:b", "hs1:a:b:c"])
def test_what_is_no_fingerprint(text: str) -> None:
    assert Fingerprint.parse(text) is None


def test_fingerprints_are_the_same_by_key_and_printed_digest() -> None:
    fingerprint = KEYRING.fingerprint("prod", "llm", "a", "k", b"v")
    printed = Fingerprint.parse(str(fingerprint))
    assert printed is not None
    assert (len(fingerprint.digest), len(printed.digest)) == (64, 16)
    assert printed.same(fingerprint)
    assert fingerprint.same(printed)
    assert Fingerprint.parse(str(fingerprint) + "0" * 48) == printed
    assert not printed.same(Fingerprint("00000000", printed.digest))
    assert not printed.same(Fingerprint(printed.key_id, printed.digest[:15] + "-"))


def test_a_digest_of_a_manifest_is_bound_to_the_key_and_its_use() -> None:
    assert KEYRING.digest("kind: Provider\n") == "0dbba572dd3612f502af7fcf8830647b"
    assert Keyring(bytes(32)).digest("kind: Provider\n") != "0dbba572dd3612f502af7fcf8830647b"
    assert KEYRING.digest("é") != KEYRING.digest("e")


@pytest.mark.parametrize(
    ("state", "required", "optional"),
    [
        (SecretState.OK, False, False),
        (SecretState.MISSING_SECRET, True, False),
        (SecretState.MISSING_KEY, True, False),
        (SecretState.LEAVING, True, False),
        (SecretState.EMPTY, True, True),
        (SecretState.PLACEHOLDER, True, True),
        (SecretState.MALFORMED, True, True),
        (SecretState.REFUSED, True, True),
        (SecretState.FORBIDDEN, False, False),
        (SecretState.ERROR, False, False),
        (SecretState.UNAVAILABLE, False, False),
    ],
)
def test_a_state_is_wrong_if_no_value_can_be_used(
    state: SecretState, required: bool, optional: bool
) -> None:
    assert is_wrong(state, optional=False) is required
    assert is_wrong(state, optional=True) is optional


def test_a_reference_says_where_it_is_and_what_it_names() -> None:
    path = ("spec", "auth", "credentialsSecretRef")
    reference = SecretReference.at(path, "llm", "aws", ("AWS_ACCESS_KEY_ID", "b"))
    assert reference == SecretReference(
        "llm", "aws", "spec.auth.credentialsSecretRef", reference.keys
    )
    assert (reference.path, reference.optional, reference.format) == (path, False, Format.ANY)
    assert reference.secret == secret_ref("llm", "aws")
    more = SecretReference.at(
        path, "llm", "aws", reference.keys, several=True, optional=True, value_format=Format.PEM
    )
    assert more.text == "spec.auth.credentialsSecretRef[AWS_ACCESS_KEY_ID]"
    assert (more.keys, more.optional, more.format) == (reference.keys, True, Format.PEM)
