"""Secrets: a cluster returns states and fingerprints, but no values."""

from __future__ import annotations

import pytest

from reconciler.adapters.directory import DirectoryCluster
from reconciler.errors import RefusalReason, Refused
from reconciler.model.refused_secrets import TYPES
from reconciler.model.secret import Format, Keyring, SecretReading, SecretReference, SecretState
from tests.contract.world import World

KEYRING = Keyring(bytes(range(32)))
VALUE = b"sk-canary-5f2c81"


def read(
    world: World, *keys: str, name: str = "keys", expected: Format = Format.ANY
) -> SecretReading:
    reference = SecretReference(world.namespace, name, "spec.x", keys, format=expected)
    (reading,) = world.cluster.read_secret(world.namespace, name, [reference], KEYRING, "prod")
    return reading


def test_a_reading_has_the_fingerprint_of_the_value(world: World) -> None:
    world.create_secret("keys", openai=VALUE, other=b"another-value")
    reading = read(world, "openai")
    assert reading.state is SecretState.OK
    assert reading.key == "openai"
    assert reading.found_keys == ("openai", "other")
    expected = KEYRING.fingerprint("prod", world.namespace, "keys", "openai", VALUE)
    assert reading.fingerprint == expected
    assert reading.written


def test_every_value_is_registered_with_the_redactor(world: World) -> None:
    world.create_secret("keys", openai=VALUE, other=b"sk-canary-7e90d4")
    read(world, "openai")
    assert world.redactor.leaks(f"<{VALUE.decode()}>")
    assert world.redactor.leaks("sk-canary-7e90d4")


def test_the_first_existing_key_is_used(world: World) -> None:
    world.create_secret("keys", second=VALUE, third=b"another-value")
    assert read(world, "first", "second", "third").key == "second"


@pytest.mark.parametrize(
    ("value", "expected", "state"),
    [
        (b"", Format.ANY, SecretState.EMPTY),
        (b" \n", Format.ANY, SecretState.EMPTY),
        (b"changeme", Format.ANY, SecretState.PLACEHOLDER),
        (b"<your key>\n", Format.ANY, SecretState.PLACEHOLDER),
        pytest.param(
            b"[" * 60_000,
            Format.JSON_OBJECT,
            SecretState.MALFORMED,
            marks=pytest.mark.exhausts_stack,
        ),
        (b"not json at all", Format.JSON_OBJECT, SecretState.MALFORMED),
        (b"\xff\xfe binary \x00", Format.ANY, SecretState.OK),
    ],
)
def test_the_value_decides_the_state(
    world: World, value: bytes, expected: Format, state: SecretState
) -> None:
    world.create_secret("keys", openai=value)
    reading = read(world, "openai", expected=expected)
    assert reading.state is state
    assert (reading.fingerprint is not None) == (state is SecretState.OK)


def test_a_missing_key_and_a_missing_secret_are_states(world: World) -> None:
    world.create_secret("keys", openai=VALUE)
    assert read(world, "wrong") == SecretReading(
        SecretState.MISSING_KEY,
        "wrong",
        None,
        ("openai",),
        labels=(),
    )
    assert read(world, "any", name="not-there").state is SecretState.MISSING_SECRET


@pytest.mark.parametrize("refused", TYPES)
def test_a_credential_of_the_cluster_is_read_by_nobody(world: World, refused: str) -> None:
    world.create_secret("keys", refused, token=VALUE)
    assert read(world, "token") == SecretReading(SecretState.REFUSED, "token")
    assert world.redactor.leaks(VALUE.decode()), "should anything else print it"


def test_a_secret_in_a_missing_namespace_is_missing(world: World) -> None:
    reference = SecretReference("not-there", "keys", "spec.x", ("a",))
    (reading,) = world.cluster.read_secret("not-there", "keys", [reference], KEYRING, "prod")
    assert reading.state is SecretState.MISSING_SECRET


def test_references_are_read_in_order_without_a_fingerprint_key(world: World) -> None:
    world.create_secret("keys", present=VALUE)
    references = [
        SecretReference(world.namespace, "keys", f"spec.{key}", (key,))
        for key in ("absent", "present")
    ]
    readings = world.cluster.read_secret(world.namespace, "keys", references, None, "prod")
    assert [reading.state for reading in readings] == [
        SecretState.MISSING_KEY,
        SecretState.UNAVAILABLE,
    ]


@pytest.mark.parametrize("name", ["../../x", "a/b", "..", "a%2fb", ""])
def test_a_name_that_is_a_path_reads_no_other_secret(world: World, name: str) -> None:
    reference = SecretReference(world.namespace, name, "spec.x", ("a",))
    (reading,) = world.cluster.read_secret(world.namespace, name, [reference], KEYRING, "prod")
    directory = isinstance(world.cluster, DirectoryCluster)
    assert reading.state is (SecretState.MISSING_SECRET if directory else SecretState.ERROR)
    assert reading.fingerprint is None


def test_the_fingerprint_key_is_created_once(world: World) -> None:
    assert world.cluster.keyring(world.namespace, "key") is None
    created = world.cluster.create_keyring(world.namespace, "key")
    assert world.cluster.create_keyring(world.namespace, "key") == created
    assert world.cluster.keyring(world.namespace, "key") == created
    other = world.cluster.create_keyring(world.namespace, "other")
    assert other.key_id != created.key_id


def test_a_draft_of_the_fingerprint_key_is_stored_once(world: World) -> None:
    draft = world.cluster.draft_keyring()
    assert world.cluster.create_keyring(world.namespace, "key") == draft
    assert world.cluster.create_keyring(world.namespace, "other") != draft
    world.cluster.draft_keyring()
    assert world.cluster.create_keyring(world.namespace, "key") == draft, "the stored one counts"


def test_an_invalid_fingerprint_key_is_refused(world: World) -> None:
    world.create_secret("key", current=b"too short")
    world.create_secret("empty")
    for name in ("key", "empty"):
        with pytest.raises(Refused) as caught:
            world.cluster.keyring(world.namespace, name)
        assert caught.value.reason is RefusalReason.INVALID
        assert "too short" not in caught.value.message
        assert f"{world.namespace}/{name} holds no fingerprint key" in caught.value.message
        assert caught.value.hint.startswith("restore it from a backup; removing it makes")


def test_a_fingerprint_key_cannot_be_created_in_a_missing_namespace(world: World) -> None:
    assert world.cluster.keyring("not-there", "key") is None
    with pytest.raises(Refused) as caught:
        world.cluster.create_keyring("not-there", "key")
    assert caught.value.reason is RefusalReason.NO_NAMESPACE
