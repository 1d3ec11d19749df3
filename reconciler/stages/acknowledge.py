"""Closes rotations in the record, because somebody has dealt with them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from reconciler.errors import UsageError
from reconciler.frozen import dataclass
from reconciler.model.record import Record, RecordedSecret, SecretKey
from reconciler.model.record.rotations import Acknowledgement, Closed, Closing, Moment

_LISTED = 10  # Secrets in a hint


@dataclass(frozen=True, slots=True)
class AcknowledgeInput:
    """What somebody acknowledges.

    Attributes:
        secrets: `NAMESPACE/NAME` for every key of a Secret, or `NAMESPACE/NAME/KEY`; () for every Secret.
        until: RFC 3339; a rotation that a run notices before that time is acknowledged ahead; "" for none.
    """

    secrets: tuple[str, ...]
    reason: str
    until: str = ""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The record after an acknowledgement.

    Attributes:
        closed: the keys whose rotation was open.
        ahead: the keys whose next rotations are acknowledged.
    """

    record: Record
    closed: tuple[SecretKey, ...] = ()
    ahead: tuple[SecretKey, ...] = ()


def acknowledge(record: Record, inputs: AcknowledgeInput, at: Moment) -> Acknowledged:
    """Close the open rotations of the named Secrets, and with `until` also those that later runs notice.

    Raises:
        UsageError: the record has no such Secret, or no rotation of it is open and there is no `until`.
    """
    keys = {key for name in inputs.secrets for key in _named(record, name)}
    chosen = tuple(sorted(keys if inputs.secrets else record.secrets))
    if not inputs.until:
        for name in inputs.secrets:
            _require_open(record, name)
    closing = Closing(at.time, Closed.ACKNOWLEDGED.value, at.revision, inputs.reason)
    ahead = Acknowledgement(inputs.until, inputs.reason, at.time, at.revision)

    def acknowledged(secret: RecordedSecret) -> RecordedSecret:
        closed = secret.closing(closing)
        return replace(closed, acknowledged=ahead) if inputs.until else closed

    secrets = {**record.secrets, **{key: acknowledged(record.secrets[key]) for key in chosen}}
    return Acknowledged(
        replace(record, secrets=secrets),
        closed=tuple(key for key in chosen if record.secrets[key].open),
        ahead=chosen if inputs.until else (),
    )


def _named(record: Record, name: str) -> tuple[SecretKey, ...]:
    keys = tuple(key for key in record.secrets if name in _names(key))
    if not keys:
        hint = f"it has {_listed(record.secrets)}" if record.secrets else "it has none"
        raise UsageError(f"the record has no Secret {name}", hint=hint)
    return keys


def _require_open(record: Record, name: str) -> None:
    if not any(record.secrets[key].open for key in _named(record, name)):
        raise UsageError(
            f"no rotation of {name} is open in the record",
            hint="drift --record records what it notices; --until DATE acknowledges ahead",
        )


def _names(key: SecretKey) -> tuple[str, str]:
    name = f"{key.namespace}/{key.name}"
    return name, f"{name}/{key.key}"


def _listed(keys: Iterable[SecretKey]) -> str:
    names = tuple(dict.fromkeys(_names(key)[0] for key in sorted(keys)))
    return ", ".join(names[:_LISTED]) + (", ..." if len(names) > _LISTED else "")
