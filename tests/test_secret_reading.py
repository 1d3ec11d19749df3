"""When a key of a Secret was written: only a managedFields entry that owns the key says it."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from reconciler.model.secret import Format, Keyring, SecretReference, SecretState
from reconciler.reports._secrets import malformed
from reconciler.secret_reading import ReadingKeys, read_reference

RING = Keyring(bytes(32))
EARLY, LATE = "2026-08-01T00:00:00Z", "2026-08-02T00:00:00Z"


def entry(time: str, *keys: str, field: str = "f:data") -> dict[str, Any]:
    return {"time": time, "fieldsV1": {field: {f"f:{key}": {} for key in keys}}}


def written(*entries: Any) -> str:
    secret = {
        "metadata": {"creationTimestamp": LATE, "managedFields": list(entries)},
        "data": {"key": base64.b64encode(b"sk-canary-5f2c81").decode()},
    }
    reference = SecretReference("llm", "openai", "spec.x", ("key",))
    return read_reference(reference, secret, ReadingKeys(RING, "prod", RING)).written


@pytest.mark.parametrize(
    ("entries", "time"),
    [
        ([entry(EARLY, "key")], EARLY),
        ([entry(EARLY, "key", "other"), entry(LATE, "other")], EARLY),
        ([entry(EARLY, "key"), entry(LATE, "key")], LATE),
        ([entry(EARLY)], EARLY),
        ([entry(EARLY, "key", field="f:stringData")], EARLY),
    ],
    ids=["one", "other-key", "latest", "all-of-data", "string-data"],
)
def test_an_entry_that_owns_the_key_tells_its_time(entries: list[Any], time: str) -> None:
    assert written(*entries) == time


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [{}],
        [None, {"time": 1, "fieldsV1": {"f:data": {"f:key": {}}}}],
        [entry(EARLY, "key", field="f:metadata")],
        [entry(EARLY, "other")],
        [{"time": EARLY, "fieldsV1": {"f:data": {".": {}}}}],
    ],
    ids=["none", "reset", "malformed", "another-field", "another-key", "only-the-map"],
)
def test_nothing_else_does_not_even_the_creation_time(entries: list[Any]) -> None:
    """`kubectl patch` with `managedFields: [{}]` makes a server stop tracking later writes."""
    assert written(*entries) == ""


@pytest.mark.parametrize("format_", list(Format))
@pytest.mark.parametrize("value", ["sk-plain-text!", 7])
def test_a_value_that_is_not_base64_is_said_to_be_that(format_: Format, value: Any) -> None:
    reference = SecretReference("llm", "openai", "spec.x", ("key",), format=format_)
    reading = read_reference(reference, {"data": {"key": value}}, ReadingKeys(RING, "prod", RING))
    assert reading.state is SecretState.MALFORMED
    said = "the value under data is not base64 (plain text belongs under stringData)"
    assert malformed(reading, format_) == said


def test_a_value_of_another_format_is_said_to_be_that() -> None:
    reference = SecretReference("llm", "sa", "spec.x", ("key",), format=Format.JSON_OBJECT)
    secret = {"data": {"key": base64.b64encode(b"no JSON").decode()}}
    reading = read_reference(reference, secret, ReadingKeys(RING, "prod", RING))
    assert malformed(reading, reference.format) == "the value is not a JSON object"
