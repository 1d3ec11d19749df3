"""Whether the program runs in a pod, and as the account of that pod."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from reconciler.cli.wiring.inputs import Inputs
from reconciler.model.environment import ClusterTarget, ClusterType

_DEFAULT = "~/.kube/config"


def uses_pod_account(target: ClusterTarget, inputs: Inputs, environ: Mapping[str, str]) -> bool:
    """Whether the cluster is that of the pod: nobody named another one, and there is no kubeconfig."""
    if not environ.get("KUBERNETES_SERVICE_HOST") or inputs.kubeconfig or inputs.context:
        return False
    if target.type is not ClusterType.KUBERNETES or not target.in_cluster:
        return False
    paths = (environ.get("KUBECONFIG") or _DEFAULT).split(os.pathsep)
    return not any(Path(path).expanduser().is_file() for path in paths if path)
