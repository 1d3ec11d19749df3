"""The engine answers as an API server does; the port says some of it plainer, and the same for every cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from reconciler.errors import Cause, Refusal, Refused


@contextmanager
def port_words() -> Iterator[None]:
    """A refusal of the engine becomes one of the port."""
    try:
        yield
    except Refused as refused:
        if refused.refusal is Refusal.UNDECLARED and not refused.causes:
            raise Refused(refused.refusal, refused.message, _places(refused.message)) from None
        if refused.refusal is Refusal.INVALID and _another_uid(refused.causes):
            raise Refused(Refusal.STALE, refused.message, refused.causes) from None
        raise


def _places(message: str) -> tuple[Cause, ...]:
    """The only refusal that names its fields in the sentence alone."""
    lines = message.partition("): ")[2].removeprefix("errors:").splitlines()
    pairs = (line.strip().partition(": ") for line in lines if line.strip())
    return tuple(Cause(field, "FieldValueInvalid", words) for field, _, words in pairs)


def _another_uid(causes: tuple[Cause, ...]) -> bool:
    """The uid of a predecessor: the object was deleted and created again."""
    return any(c.field == "metadata.uid" and "immutable" in c.message for c in causes)
