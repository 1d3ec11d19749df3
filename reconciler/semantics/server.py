"""One request of an API server against one stored custom resource, pure.

Each function takes the stored object (None: not there) and gives what would be stored; nothing is
stored here, so a dry-run is a call whose answer is dropped. All refusals are `errors.Refused`, with
the sentence and the causes of the server.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.model.document import JsonObject
from reconciler.model.identity import ObjectRef
from reconciler.semantics.crd import Crd


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, and what a server would make up: the clock, the next resourceVersion, a uid."""

    manager: str
    now: str  # "2026-07-30T12:00:00Z"
    resource_version: (
        str  # given to the object if the write changes it; "" leaves it out (dry-run create)
    )
    uid: Callable[[], str]  # asked for a create only


@dataclass(frozen=True, slots=True)
class Stored:
    """What the server would store and answer.

    `changed` is False where nothing is written (same resourceVersion, same managedFields).
    `not_provable` names what this engine does not model; with any, only the server's word counts.
    """

    object: JsonObject
    changed: bool
    created: bool = False
    not_provable: tuple[str, ...] = ()


def apply(
    crd: Crd,
    ref: ObjectRef,
    live: Mapping[str, Any] | None,
    body: Mapping[str, Any],
    by: Writer,
    *,
    force: bool = False,
) -> Stored:
    """Server-side apply (PATCH application/apply-patch+yaml) of `body`, whose apiVersion names the version."""
    raise NotImplementedError


def create(
    crd: Crd, ref: ObjectRef, live: Mapping[str, Any] | None, body: Mapping[str, Any], by: Writer
) -> Stored:
    """POST; EXISTS when there is a live object."""
    raise NotImplementedError


def update(
    crd: Crd, ref: ObjectRef, live: Mapping[str, Any] | None, body: Mapping[str, Any], by: Writer
) -> Stored:
    """PUT: replaces all but status and system fields; a resourceVersion or uid in it must be the live one."""
    raise NotImplementedError


def merge_patch(
    crd: Crd,
    ref: ObjectRef,
    live: Mapping[str, Any] | None,
    patch: Mapping[str, Any],
    by: Writer,
    *,
    version: str = "",
) -> Stored:
    """PATCH application/merge-patch+json (RFC 7386); `version` is that of the URL, else the storage version."""
    raise NotImplementedError


def update_status(
    crd: Crd, ref: ObjectRef, live: Mapping[str, Any] | None, body: Mapping[str, Any], by: Writer
) -> Stored:
    """PUT of /status: only `status` is taken from the body."""
    raise NotImplementedError


def delete_check(
    ref: ObjectRef, live: Mapping[str, Any] | None, *, uid: str = "", resource_version: str = ""
) -> None:
    """The preconditions of a DELETE; returns when it may happen."""
    raise NotImplementedError
