"""A review of one revision with the settings of another one, which its author cannot change."""

from __future__ import annotations

from reconciler.frozen import dataclass
from reconciler.model.revision import Revision


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A setting of environment.yaml that a revision changes.

    Attributes:
        key: `cluster.context`, `policy.allowedHosts`.
        base, head: canonical JSON; None if the key is not set.
    """

    key: str
    base: str | None
    head: str | None


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose settings decide where and how an environment is applied.

    Attributes:
        base: the trusted revision.
        is_new: the trusted revision does not have the environment, so it is validated, and no cluster is asked.
        ignored: settings that differ in the revision that is read; the trusted values were used.
    """

    base: Revision
    is_new: bool = False
    ignored: tuple[SettingChange, ...] = ()
