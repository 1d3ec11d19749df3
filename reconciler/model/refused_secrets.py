"""Secrets that the program does not read: credentials of Kubernetes itself, what Helm stores, and its own key.

No provider uses one of these as its key. A manifest that refers to one could send it to a host of its author's choice.
"""

from __future__ import annotations

from typing import Final

from reconciler.model.applyset import TOOL

OWN_KEY: Final = f"{TOOL}-key"  # the Secret with the fingerprint key, in the home namespace
TYPES: Final = {
    "kubernetes.io/service-account-token": "a token of a service account",
    "helm.sh/release.v1": "a release of Helm",
    "bootstrap.kubernetes.io/token": "a token to join nodes",
}


def refused_by_name(namespace: str, name: str) -> str:
    """What a Secret is that its name alone shows; "" for any other."""
    if name == OWN_KEY:
        return "the fingerprint key of the reconciler"
    if name.startswith("sh.helm.release.v1."):
        return TYPES["helm.sh/release.v1"]
    if namespace == "kube-system" and name.startswith("bootstrap-token-"):
        return TYPES["bootstrap.kubernetes.io/token"]
    return ""
