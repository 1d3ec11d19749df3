"""Exceptions that stop a run or one environment, and their exit codes.

ReconcilerError                       message, hint, where
├── UsageError                        2   the command line
├── EnvironmentFileError              2   environment.yaml or a values layer cannot be used
├── RepositoryError                   9   git, or a file that cannot be read or written
│   └── UnusableFile                      one file is not UTF-8 or is too large; the others can be read
├── DeliveryError                     9   a report could not be delivered
│   └── ForgeError                        a forge refuses a comment, or cannot be reached
├── LockError                         7   another run holds the lock of the environment, or has taken it
├── SafetyStop                        8   it is not safe to continue (another cluster, a concurrent run)
├── Interrupted                       130 a signal ended the run
├── Bug                               70  an unexpected exception
└── ClusterError                      5   the cluster cannot be read
    ├── Unreachable                       no connection, no TLS, no answer within the deadline
    ├── Unauthenticated                   401
    ├── BadAnswer                         an answer that violates the API
    └── Refused                           the API server refused one request, for a `RefusalReason`

A finding is not an exception but a value (`model.finding.Finding`): a run collects all of them.
"""

from __future__ import annotations

import traceback
from enum import IntEnum, StrEnum
from typing import Final

from reconciler.frozen import dataclass


class ExitCode(IntEnum):
    """The exit code of the process; the README lists them."""

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


# The worst code of all environments is the exit code of the run.
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
    """Stops a run or one environment: the reason, the location, and what to do about it."""

    exit_code: ExitCode = ExitCode.BUG

    def __init__(self, message: str, *, hint: str = "", where: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.where = where  # path:line:column, or a URL


class UsageError(ReconcilerError):
    exit_code = ExitCode.USAGE


class EnvironmentFileError(ReconcilerError):
    exit_code = ExitCode.USAGE


class RepositoryError(ReconcilerError):
    exit_code = ExitCode.SOURCE


class UnusableFile(RepositoryError):
    """A file is not UTF-8, or too large."""

    def __init__(self, path: str, reason: str, *, line: int = 0, hint: str = "") -> None:
        super().__init__(f"{path} {reason}", hint=hint, where=f"{path}:{line}" if line else path)
        self.reason = reason
        self.line = line


class DeliveryError(ReconcilerError):
    """A report could not be delivered, which says nothing about the result of the run."""

    exit_code = ExitCode.SOURCE


class ForgeError(DeliveryError):
    """A report could not be posted on a pull request."""


class LockError(ReconcilerError):
    exit_code = ExitCode.LOCK


class SafetyStop(ReconcilerError):
    exit_code = ExitCode.SAFETY


class Interrupted(ReconcilerError):
    """A signal ended the run; `cli.stop` knows which one."""

    exit_code = ExitCode.INTERRUPTED


class ClusterError(ReconcilerError):
    exit_code = ExitCode.CLUSTER


class Unreachable(ClusterError):
    """No connection, no TLS, or no complete answer before the deadline."""


class Unauthenticated(ClusterError):
    """The API server does not accept the credentials (401)."""


class BadAnswer(ClusterError):
    """An answer that violates the API; no part of it is used."""


TERMINATING: Final = "NamespaceTerminating"  # the reason of a cause: the namespace is being deleted


class RefusalReason(StrEnum):
    """Why an API server refused a request; the same for both types of cluster."""

    FORBIDDEN = "forbidden"  # 403 of RBAC: no permission
    DENIED = "denied"  # 403 of admission: a policy, a webhook or a quota refuses the object
    NOT_FOUND = "not-found"  # 404: the object does not exist
    NO_NAMESPACE = "no-namespace"  # 404 for the namespace, or 403 while it terminates
    NO_KIND = "no-kind"  # 404 without a Status: the CRD is not installed
    FIELD_CONFLICT = (
        "field-conflict"  # 409 of server-side apply; the causes name field managers and fields
    )
    STALE = "stale"  # 409: uid or resourceVersion is not the live one
    EXISTS = "exists"  # 409: the object exists already
    UNDECLARED = (
        "undeclared"  # 500 "failed to create typed patch object": a field is not in the schema
    )
    INVALID = "invalid"  # 422, or 400 for a malformed request
    FAILED = "failed"  # the server or a webhook failed: 5xx after all retries


@dataclass(frozen=True, slots=True)
class Cause:
    """One entry of a Status's details.causes."""

    field: str  # as the server writes it: ".spec.openai.baseURL"
    reason: str
    message: str
    manager: str = ""  # the other field manager, for a conflict
    operation: str = ""  # its operation: Apply or Update


class Refused(ClusterError):
    """The API server refused a request for one object; `message` is the message of the server, redacted."""

    def __init__(
        self, reason: RefusalReason, message: str, causes: tuple[Cause, ...] = (), *, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.reason = reason
        self.causes = causes

    def without_namespace(self, namespace: str) -> tuple[str, ...]:
        """What to tell kubectl first, for NO_NAMESPACE: a namespace may be missing, or on its way out."""
        if any(cause.reason == TERMINATING for cause in self.causes):
            return ("wait", "--for=delete", f"namespace/{namespace}")
        return ("create", "namespace", namespace)


class Bug(ReconcilerError):
    """An unexpected exception: its type and location, without its text, which may contain a secret."""

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
