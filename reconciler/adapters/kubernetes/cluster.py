"""`ports.Cluster` on a real API server."""

from __future__ import annotations

from reconciler.ports import Redactor


class KubernetesCluster:
    """One API server, as one user; every method may be called from several threads."""

    warnings: tuple[str, ...] = ()  # what a person should know about this connection

    @classmethod
    def connect(
        cls,
        *,
        kubeconfig: str | None = None,
        context: str = "",
        redactor: Redactor,
        insecure_skip_tls_verify: bool = False,
        timeout: float = 60.0,
        connections: int = 8,
    ) -> KubernetesCluster:
        """Read the kubeconfig (no request is sent yet).

        Args:
            kubeconfig: path of a file; None means `KUBECONFIG`, the home folder, then the pod's own account.
            context: of that kubeconfig; "" means its current one.
            timeout: seconds that one call of a method may take, with everything it repeats.

        Raises:
            UsageError: there is no such file, or it cannot be used.
            EnvironmentFileError: it has no such context.
            Unauthenticated: its exec plugin gives no credentials.
        """
        raise NotImplementedError
