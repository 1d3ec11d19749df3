"""Stamps: one annotation that tells the operator of a provider that a key was rotated.

A Secret that changes does not change the provider that refers to it, so an operator that does not watch the Secret does
nothing. Any write to the provider makes it reconcile. The annotation has a field manager of its own, so that it is in
no body that apply sends, in no diff, and survives the next apply.

Its value has a token for each reference of the provider, made of a keyed fingerprint: it shows which fingerprints an
earlier run has stamped, and nothing about the values.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from reconciler.frozen import dataclass
from reconciler.model.applyset import TOOL
from reconciler.model.document import Document, JsonObject, dig_map
from reconciler.model.identity import Endpoint, ObjectRef
from reconciler.model.path import FieldPath
from reconciler.model.rotation import SecretRow
from reconciler.model.secret import Keyring

MANAGER = f"{TOOL}-rotation"
ANNOTATION = f"{TOOL}/rotated"
PATH: FieldPath = ("metadata", "annotations", ANNOTATION)
_TOKEN = 16  # hex digits


class StampResult(StrEnum):
    """What a run did about the rotated keys of one provider."""

    STAMPED = "stamped"  # in a dry run: would be
    UNCHANGED = "unchanged"  # an earlier run stamped these fingerprints
    SKIPPED = "skipped"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Stamped:
    """The outcome for one provider with a rotated key.

    Attributes:
        secrets: the rotated keys, `omnia/anthropic [ANTHROPIC_API_KEY]`.
        message: why it was not stamped, one sentence.
        hint: what to do about it.
    """

    ref: ObjectRef
    result: StampResult
    secrets: tuple[str, ...] = ()
    message: str = ""
    hint: str = ""


def token(keyring: Keyring, row: SecretRow) -> str:
    """The token of one reference with its current fingerprint, which two providers with one Secret do not share."""
    identity = f"{row.owner.address} {row.reference.text} {row.reading.fingerprint}"
    return keyring.digest(f"{ANNOTATION} {identity}")[:_TOKEN]


def tokens_of(live: JsonObject) -> frozenset[str]:
    """The tokens in the annotation of a live object."""
    value = dig_map(live, "metadata", "annotations").get(ANNOTATION)
    return frozenset(value.split(".")) if isinstance(value, str) and value else frozenset()


def body_of(endpoint: Endpoint, ref: ObjectRef, tokens: Iterable[str]) -> Document:
    """The body of the server-side apply: the annotation, and no other field."""
    return Document.of(
        {
            "apiVersion": endpoint.api_version,
            "kind": endpoint.kind,
            "metadata": {
                "name": ref.name,
                "namespace": ref.namespace,
                "annotations": {ANNOTATION: ".".join(sorted(tokens))},
            },
        }
    )
