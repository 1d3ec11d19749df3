"""What Secrets resolve to beyond the operators: for consumers, by ExternalSecrets, and until when."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from reconciler.frozen import dataclass
from reconciler.model.identity import ObjectRef
from reconciler.model.location import Location
from reconciler.model.secret import SecretReading, SecretReference, SecretState, is_wrong

USABLE: Final = (SecretState.OK, SecretState.UNAVAILABLE)


class Copy(StrEnum):
    """How the value that a consumer reads in another namespace compares with that of the operator."""

    NO_COPY = "no-copy"  # it is the same Secret
    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"  # one of the two could not be read


@dataclass(frozen=True, slots=True)
class ConsumerSecret:
    """A key that a consumer reads because of a provider, if the operator of the provider reads another one.

    Attributes:
        reference: as the consumer resolves it.
        operator, operator_reading: the same field as the operator resolves it; None if the operator reads no Secret.
        where: the field of the provider in git.
    """

    consumer: ObjectRef
    provider: ObjectRef
    reference: SecretReference
    reading: SecretReading
    copy: Copy = Copy.NO_COPY
    operator: SecretReference | None = None
    operator_reading: SecretReading | None = None
    where: Location | None = None

    @property
    def wrong(self) -> bool:
        """Whether the consumer will not find the value that it needs."""
        return is_wrong(self.reading.state, optional=self.reference.optional)

    @property
    def differs(self) -> bool:
        """Whether the consumer has another value than the operator, or another key of the same Secret."""
        if self.copy is not Copy.NO_COPY or self.operator_reading is None:
            return self.copy is Copy.DIFFERENT
        return self.reading.state in USABLE and self.operator_reading.state in USABLE


@dataclass(frozen=True, slots=True)
class Certificate:
    """The certificate in the value of a Secret key that expires first.

    Attributes:
        expires: RFC 3339.
        days_left: full days, negative once it has expired.
        where: a field in git that refers to it.
    """

    namespace: str
    name: str
    key: str
    expires: str
    days_left: int
    where: Location | None = None


@dataclass(frozen=True, order=True, slots=True)
class ExternalSecret:
    """The ExternalSecret (external-secrets.io) that writes a Secret.

    Attributes:
        secret: the name of the Secret; it is in the same namespace.
        ready: its condition Ready: `True`, `False`, `Unknown`; "" without one.
        refreshed: RFC 3339, when it last wrote the Secret; "" if never.
    """

    namespace: str
    name: str
    secret: str
    ready: str = ""
    reason: str = ""
    message: str = ""
    refreshed: str = ""
