"""Marks on live objects, of the tools that manage them and of whoever protects them; and the tools' field managers.

The policy must name a tool before its objects are adopted. A protected object is never pruned.
"""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.model.document import JsonObject, dig_map
from reconciler.model.stamp import ANNOTATION

# The manifest that kubectl applied last, by which its next apply removes fields; it may contain header values.
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
# Annotations that change nothing: the other is our stamp, which has a field manager of its own.
BOOKKEEPING = (LAST_APPLIED, ANNOTATION)

# tool -> keys of labels or annotations that it uses to track its objects
_MARKS: dict[str, tuple[str, ...]] = {
    "argocd": ("argocd.argoproj.io/tracking-id", "argocd.argoproj.io/instance"),
    "flux": ("kustomize.toolkit.fluxcd.io/name", "helm.toolkit.fluxcd.io/name"),
    "kluctl": ("kluctl.io/discriminator",),
    "kapp": ("kapp.k14s.io/app", "kapp.k14s.io/association"),
    "config-sync": ("configmanagement.gke.io/managed", "configsync.gke.io/resource-id"),
    "cli-utils": ("config.k8s.io/owning-inventory",),
    "helm": ("meta.helm.sh/release-name",),
}
# tool -> the field managers under which it writes, if they are not its name
_FIELD_MANAGERS: dict[str, tuple[str, ...]] = {
    "argocd": ("argocd-controller", "argocd-application-controller"),
    "flux": ("kustomize-controller", "helm-controller"),
    "config-sync": ("configsync",),
}


def field_managers(names: Iterable[str]) -> frozenset[str]:
    """The field managers that a policy names, itself or by the name of their tool."""
    return frozenset(each for name in names for each in (name, *_FIELD_MANAGERS.get(name, ())))


# annotation -> the values that protect an object from deletion; ours, and those that users know from other tools
_PROTECTIONS: dict[str, tuple[str, ...]] = {
    "provider-reconciler/prune": ("disabled",),
    "kustomize.toolkit.fluxcd.io/prune": ("disabled",),
    "kluctl.io/skip-delete": ("true",),
    "helm.sh/resource-policy": ("keep",),
    "cli-utils.sigs.k8s.io/on-remove": ("keep",),
    "client.lifecycle.config.k8s.io/deletion": ("detach",),
    "kapp.k14s.io/delete-strategy": ("orphan",),
    "argocd.argoproj.io/sync-options": ("Prune=false", "Prune=confirm", "Delete=false"),
}


def tool_of(live: JsonObject) -> tuple[str, str]:
    """The tool that manages an object, and the key of its mark; ("", "") if no known tool does."""
    metadata = dig_map(live, "metadata")
    keys = {*dig_map(metadata, "labels"), *dig_map(metadata, "annotations")}
    for tool, marks in _MARKS.items():
        for mark in marks:
            if mark in keys:
                return tool, mark
    return "", ""


def protection_of(live: JsonObject) -> str:
    """The annotation that protects an object from deletion, `key: value`; "" without one.

    Argo CD writes several options into one value, with commas.
    """
    annotations = dig_map(live, "metadata", "annotations")
    for key, values in _PROTECTIONS.items():
        options = [option.strip() for option in str(annotations.get(key, "")).split(",")]
        if protecting := next((value for value in values if value in options), ""):
            return f"{key}: {protecting}"
    return ""
