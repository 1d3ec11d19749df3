"""Marks that tools leave on objects. The policy must name a tool before the objects that it manages are adopted."""

from __future__ import annotations

from reconciler.model.document import JsonObject, dig_map
from reconciler.model.stamp import ANNOTATION

# Annotations that change nothing. kubectl keeps the applied manifest in its own, which may contain header values; the
# other is our stamp, which has a field manager of its own.
BOOKKEEPING = ("kubectl.kubernetes.io/last-applied-configuration", ANNOTATION)

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


def tool_of(live: JsonObject) -> tuple[str, str]:
    """The tool that manages an object, and the key of its mark; ("", "") if no known tool does."""
    metadata = dig_map(live, "metadata")
    keys = {*dig_map(metadata, "labels"), *dig_map(metadata, "annotations")}
    for tool, marks in _MARKS.items():
        for mark in marks:
            if mark in keys:
                return tool, mark
    return "", ""
