"""Permissions as rules, and rules as Roles with their bindings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from reconciler.frozen import dataclass
from reconciler.model.document import JsonObject
from reconciler.model.permission import EVERYWHERE, Permission, Subject

_VERBS = ("get", "list", "create", "update", "patch", "delete")  # as people read them
_API = "rbac.authorization.k8s.io"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a Role.

    Attributes:
        namespace: of the Role; EVERYWHERE for a ClusterRole.
        names: of the only objects; `("",)` for all of them.
    """

    namespace: str
    purpose: str
    group: str
    plurals: tuple[str, ...]
    verbs: tuple[str, ...]
    names: tuple[str, ...]

    def body(self) -> JsonObject:
        rule: JsonObject = {"apiGroups": [self.group], "resources": list(self.plurals)}
        if "" not in self.names:
            rule["resourceNames"] = list(self.names)
        return rule | {"verbs": sorted(self.verbs, key=_VERBS.index)}


def rules_of(permissions: Iterable[Permission]) -> tuple[Rule, ...]:
    """The fewest equivalent rules, each with one purpose; in the order of the permissions."""
    rules = [
        Rule(each.namespace, each.purpose, each.group, (each.plural,), (each.verb,), (each.name,))
        for each in permissions
    ]
    rules = _joined(rules, lambda rule: rule.verbs, lambda rule, of: replace(rule, verbs=of))
    rules = _joined(rules, lambda rule: rule.names, lambda rule, of: replace(rule, names=of))
    rules = _joined(rules, lambda rule: rule.plurals, lambda rule, of: replace(rule, plurals=of))
    return tuple(rules)


def _joined(
    rules: Iterable[Rule],
    part: Callable[[Rule], tuple[str, ...]],
    with_part: Callable[[Rule, tuple[str, ...]], Rule],
) -> list[Rule]:
    """Rules that differ only in this part become one."""
    joined: dict[Rule, set[str]] = {}
    for rule in rules:
        joined.setdefault(with_part(rule, ()), set()).update(part(rule))
    return [with_part(rest, tuple(sorted(values))) for rest, values in joined.items()]


def role_head(name: str, namespace: str) -> JsonObject:
    """A Role without its rules, or for the whole cluster a ClusterRole."""
    return {
        "apiVersion": f"{_API}/v1",
        "kind": "Role" if namespace != EVERYWHERE else "ClusterRole",
        "metadata": _metadata(name, namespace),
    }


def binding(name: str, namespace: str, subject: Subject) -> JsonObject:
    """Gives the role of the same name to a subject."""
    kind = role_head(name, namespace)["kind"]
    bound: JsonObject = {"kind": subject.kind, "name": subject.name}
    bound |= {"namespace": subject.namespace} if subject.namespace else {"apiGroup": _API}
    return {
        "apiVersion": f"{_API}/v1",
        "kind": f"{kind}Binding",
        "metadata": _metadata(name, namespace),
        "roleRef": {"apiGroup": _API, "kind": kind, "name": name},
        "subjects": [bound],
    }


def _metadata(name: str, namespace: str) -> JsonObject:
    return {"name": name, "namespace": namespace} if namespace else {"name": name}
