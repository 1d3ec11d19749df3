"""What an account must be allowed to do, in the words of Kubernetes RBAC."""

from __future__ import annotations

from reconciler.frozen import dataclass

EVERYWHERE = ""  # in place of a namespace: the whole cluster


@dataclass(frozen=True, order=True, slots=True)
class Permission:
    """One verb on one resource.

    Attributes:
        namespace: EVERYWHERE for the whole cluster.
        plural: the resource, `configmaps`; the group of the core API is "".
        name: of the only object; "" for all of them.
        purpose: what a run needs it for, for whoever reviews a Role.
    """

    namespace: str
    group: str
    plural: str
    verb: str
    name: str = ""
    purpose: str = ""

    def covers(self, other: Permission) -> bool:
        """Whether this one allows everything that the other does."""
        same = (self.group, self.plural, self.verb) == (other.group, other.plural, other.verb)
        return (
            same
            and self.namespace in (EVERYWHERE, other.namespace)
            and self.name in ("", other.name)
        )


@dataclass(frozen=True, slots=True)
class Subject:
    """Who gets the permissions.

    Attributes:
        kind: `ServiceAccount`, `User` or `Group`.
        namespace: of a service account; "" for the others.
    """

    kind: str
    name: str
    namespace: str = ""
