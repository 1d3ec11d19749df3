"""Secrets that people write, and the fingerprint key."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from reconciler.errors import RefusalReason, Refused
from reconciler.model.identity import SECRET
from reconciler.model.secret import SecretReference, SecretState
from tests.adapters.directory.world import RecordingRedactor, edit, opened, put

PLAIN = "apiVersion: v1\nkind: Secret\nstringData:\n  api-key: sk-canary-1\n  other: x-canary\n"


def _reference(key: str = "api-key") -> SecretReference:
    return SecretReference("omnia", "openai", "spec.credential.secretRef", (key,))


def _file(root: Path) -> Path:
    return root / "omnia" / "secrets" / "openai.yaml"


def test_string_data_is_encoded_into_data(tmp_path: Path) -> None:
    redactor = RecordingRedactor()
    cluster = opened(tmp_path, redactor=redactor)
    put(_file(tmp_path), PLAIN + f"data:\n  api-key: {base64.b64encode(b'old').decode()}\n")
    secret = cluster.get(SECRET, "omnia", "openai")
    assert secret is not None
    body = secret.body()
    assert body["data"]["api-key"] == base64.b64encode(b"sk-canary-1").decode()
    assert "stringData" not in body
    assert body["type"] == "Opaque"
    assert "generation" not in body["metadata"]
    assert {b"sk-canary-1", b"x-canary"} <= set(redactor.values)


def test_a_reference_resolves_with_the_time_of_the_file(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    keyring = cluster.create_keyring("home", "key")
    put(_file(tmp_path), PLAIN)
    first, missing = cluster.read_secret(
        "omnia", "openai", [_reference(), _reference("no")], keyring, "prod"
    )
    assert first.state is SecretState.OK
    assert first.written == "2026-07-30T13:00:00Z"
    assert first.fingerprint == keyring.fingerprint(
        "prod", "omnia", "openai", "api-key", b"sk-canary-1"
    )
    assert (missing.state, missing.found_keys) == (SecretState.MISSING_KEY, ("api-key", "other"))
    edit(_file(tmp_path), "sk-canary-1", "sk-canary-2")
    (second,) = cluster.read_secret("omnia", "openai", [_reference()], keyring, "prod")
    assert second.fingerprint is not None
    assert not second.fingerprint.same(first.fingerprint)


def test_a_reference_that_does_not_resolve_has_a_state(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    (absent,) = cluster.read_secret("omnia", "openai", [_reference()], None, "prod")
    assert absent.state is SecretState.MISSING_SECRET
    put(_file(tmp_path), "kind: [")
    (broken,) = cluster.read_secret("omnia", "openai", [_reference()], None, "prod")
    assert broken.state is SecretState.ERROR
    assert broken.unread.startswith(f"{_file(tmp_path)}:2: ")
    assert broken.hint.startswith("fix the file")
    put(_file(tmp_path), PLAIN)
    (keyless,) = cluster.read_secret("omnia", "openai", [_reference()], None, "prod")
    assert keyless.state is SecretState.UNAVAILABLE


def test_the_key_is_created_once(tmp_path: Path) -> None:
    redactor = RecordingRedactor()
    cluster = opened(tmp_path, redactor=redactor)
    assert cluster.keyring("home", "key") is None
    made = cluster.create_keyring("home", "key")
    assert cluster.create_keyring("home", "key") == made == opened(tmp_path).keyring("home", "key")
    assert 32 in {len(value) for value in redactor.values}


def test_a_key_without_a_namespace_or_with_too_few_bytes(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    with pytest.raises(Refused) as caught:
        cluster.create_keyring("nowhere", "key")
    assert caught.value.reason is RefusalReason.NO_NAMESPACE
    put(
        tmp_path / "home/secrets/key.yaml",
        "apiVersion: v1\nkind: Secret\nstringData: {current: short}\n",
    )
    with pytest.raises(Refused) as caught:
        cluster.keyring("home", "key")
    assert caught.value.reason is RefusalReason.INVALID
    assert "short" not in caught.value.message.replace("fingerprint", "")


def test_a_replaced_secret_is_private(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    put(_file(tmp_path), PLAIN)
    secret = cluster.get(SECRET, "omnia", "openai")
    assert secret is not None
    body = secret.body()
    body["data"]["more"] = base64.b64encode(b"y").decode()
    cluster.replace(SECRET, type(secret).of(body))
    assert _file(tmp_path).stat().st_mode & 0o777 == 0o600
