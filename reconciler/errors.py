"""Exceptions that stop something, and the exit code each one leads to.

ReconcilerError                       message, hint, where
├── UsageError                        2   the command line
├── EnvironmentFileError              2   environment.yaml or a values layer cannot be used
├── RepositoryError                   9   git or the file source
│   └── UnfitFile                         one file is no text: the others can be read nevertheless
├── ForgeError                        9   the forge (GitHub) refuses a comment, or cannot be reached
├── SafetyStop                        8   the run refuses to go on (another cluster, a concurrent run)
├── Interrupted                       130 a signal came first
├── Bug                               70  an unexpected exception
└── ClusterError                      5   the cluster cannot be read
    ├── Unreachable                       no connection, no TLS, no answer within the deadline
    ├── Unauthenticated                   401
    ├── BadAnswer                         an answer that is not what the API promises
    └── Refused                           the API server's answer to one request, by its kind (`RefusalReason`)

Findings are not exceptions: they are `model.finding.Finding` values, and a run collects them all.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class ExitCode(IntEnum):
    """What a process ends with; the README lists them."""

    OK = 0
    DIFFERENCES = 1
    USAGE = 2
    INVALID = 3
    CLUSTER = 5
    PARTIAL = 6
    LOCK = 7
    SAFETY = 8
    SOURCE = 9
    BUG = 70
    INTERRUPTED = 130
    TERMINATED = 143


# Of several environments the worst decides, in this order.
WORST_FIRST = (
    ExitCode.TERMINATED,
    ExitCode.INTERRUPTED,
    ExitCode.BUG,
    ExitCode.CLUSTER,
    ExitCode.LOCK,
    ExitCode.SAFETY,
    ExitCode.PARTIAL,
    ExitCode.SOURCE,
    ExitCode.USAGE,
    ExitCode.INVALID,
    ExitCode.DIFFERENCES,
    ExitCode.OK,
)


def worst(codes: list[ExitCode]) -> ExitCode:
    """The exit code of a run over several environments; OK for none."""
    return min(codes, key=WORST_FIRST.index, default=ExitCode.OK)


class ReconcilerError(Exception):
    """Stops a run (or one environment of it): what is wrong, where, and what to do about it."""

    exit_code: ExitCode = ExitCode.BUG

    def __init__(self, message: str, *, hint: str = "", where: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.where = where  # path:line:column, or what was asked of whom


class UsageError(ReconcilerError):
    exit_code = ExitCode.USAGE


class EnvironmentFileError(ReconcilerError):
    exit_code = ExitCode.USAGE


class RepositoryError(ReconcilerError):
    exit_code = ExitCode.SOURCE


class UnfitFile(RepositoryError):
    """A file is not UTF-8, or too large."""

    def __init__(self, path: str, reason: str, *, line: int = 0, hint: str = "") -> None:
        super().__init__(f"{path} {reason}", hint=hint, where=f"{path}:{line}" if line else path)
        self.reason = reason
        self.line = line


class ForgeError(ReconcilerError):
    """A report could not be posted: told apart from what the report says."""

    exit_code = ExitCode.SOURCE


class SafetyStop(ReconcilerError):
    exit_code = ExitCode.SAFETY


class Interrupted(ReconcilerError):
    """A signal came before this was done; the command line knows which one."""

    exit_code = ExitCode.INTERRUPTED


class ClusterError(ReconcilerError):
    exit_code = ExitCode.CLUSTER


class Unreachable(ClusterError):
    """No connection, no TLS, or no whole answer before the deadline."""


class Unauthenticated(ClusterError):
    """The API server does not know who asks (401)."""


class BadAnswer(ClusterError):
    """An answer that breaks the API's own promises: never believed, not even in part."""


class RefusalReason(StrEnum):
    """Why an API server refused one request; both clusters use the same words."""

    FORBIDDEN = "forbidden"  # 403 of RBAC: this user may not
    DENIED = "denied"  # 403 of admission: a policy, a webhook or a quota says no to this object
    NOT_FOUND = "not-found"  # 404, the object
    NO_NAMESPACE = "no-namespace"  # 404 that names the namespace; 403 while it terminates
    NO_KIND = "no-kind"  # 404 without a Status: the CRD is not there
    FIELD_CONFLICT = "field-conflict"  # 409, server-side apply; causes name manager and field
    STALE = "stale"  # 409, uid or resourceVersion is not the live one
    EXISTS = "exists"  # 409, create of what is there
    UNDECLARED = "undeclared"  # 500 "failed to create typed patch object": not in the schema
    INVALID = "invalid"  # 422, or 400 for a request that is wrong in itself
    FAILED = "failed"  # the server failed: 5xx after retries, webhook down


@dataclass(frozen=True, slots=True)
class Cause:
    """One entry of a Status's details.causes."""

    field: str  # as the server writes it: ".spec.openai.baseURL"
    reason: str
    message: str
    manager: str = ""  # the other field manager, for a conflict
    operation: str = ""  # its operation: Apply or Update


class Refused(ClusterError):
    """The API server refused one request about one object.

    `message` is the server's sentence (it passes the redactor before anyone sees it).
    """

    def __init__(
        self, reason: RefusalReason, message: str, causes: tuple[Cause, ...] = (), *, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.reason = reason
        self.causes = causes


class Bug(ReconcilerError):
    """An unexpected exception: its type and place, never its text or locals (they may hold a secret)."""

    exit_code = ExitCode.BUG

    @classmethod
    def of(cls, error: BaseException) -> Bug:
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "reconciler" in frame.filename]
        trail = " < ".join(
            f"{frame.filename.rpartition('reconciler/')[2]}:{frame.lineno}"
            for frame in reversed(ours[-6:])
        )
        return cls(
            f"this is a bug: {type(error).__name__} at {trail or 'an unknown place'}",
            hint="please report this line, the command, and the output of reconciler --version",
        )
