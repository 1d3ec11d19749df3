"""`ports.Cluster` on a real API server."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from reconciler.adapters.kubernetes import openapi
from reconciler.adapters.kubernetes.api import Api
from reconciler.adapters.kubernetes.keys import secrets_of
from reconciler.adapters.kubernetes.kubeconfig import Account, KubeconfigChoice, find
from reconciler.adapters.kubernetes.login import Login
from reconciler.adapters.kubernetes.paths import refuse_secrets
from reconciler.adapters.kubernetes.pods import running_pods
from reconciler.adapters.kubernetes.sentences import sentence
from reconciler.adapters.kubernetes.writes import CREATE, REPLACE, merge_patch_as
from reconciler.errors import BadAnswer, RefusalReason, Refused
from reconciler.frozen import dataclass
from reconciler.http.rate import Turns
from reconciler.http.retry import Exchange
from reconciler.model.command import kubectl_options
from reconciler.model.document import Document, JsonObject, dig, dig_map
from reconciler.model.identity import NAMESPACE, POD, Endpoint
from reconciler.model.impact import Pod
from reconciler.model.live import Watched
from reconciler.model.secret import Keyring, SecretReading, SecretReference
from reconciler.ports import Applied, Redactor, Unreadable
from reconciler.semantics.schema.crd import Crd

_CRDS = Endpoint(
    "apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions"
)
_CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class Pace:
    """How long requests may take, and how they wait.

    Attributes:
        timeout: seconds that one request may take, with all its pages and repetitions.
        sleep: waits before a repetition.
        turns_at: the turns of a connection to the API server with this URL, which do not count for `timeout`.
    """

    timeout: float = 60.0
    sleep: Callable[[float], None] = time.sleep
    turns_at: Callable[[str], Turns] = lambda _: Turns()


_USUAL: Final = Pace()


class KubernetesCluster:
    """One API server, as one user; every method may be called from several threads.

    A request that it may not send again is `http.wire.AnswerLost` (an `Unreachable`) when its answer is lost.

    Attributes:
        warnings: what a user should know about this connection.
    """

    def __init__(
        self,
        account: Account,
        redactor: Redactor,
        pace: Pace,
        environ: Mapping[str, str],
        options: tuple[str, ...],
    ) -> None:
        login = Login(account, redactor, _CONNECTIONS, environ)
        self._turns = pace.turns_at(account.server)
        self._exchange = Exchange(login, pace.sleep, turns=self._turns)
        self._api = Api(self._exchange, redactor, pace.timeout, options)
        self._secrets = secrets_of(self._api, redactor)
        self._redactor = redactor
        self._name = account.name
        self.warnings = account.warnings
        self.unchecked: tuple[str, ...] = ()

    @classmethod
    def connect(
        cls,
        *,
        redactor: Redactor,
        kubeconfig: str | None = None,
        context: str = "",
        in_cluster: bool = True,
        insecure_skip_tls_verify: bool = False,
        pace: Pace = _USUAL,
        environ: Mapping[str, str] = os.environ,
    ) -> KubernetesCluster:
        """Read the kubeconfig. No request is sent, and no plugin runs, before a method is called.

        Args:
            kubeconfig: path of a file; None means `KUBECONFIG`, the home folder, then the pod's own account.
            context: of that kubeconfig; "" means its current one.
            in_cluster: without any kubeconfig, the account of the pod is used.

        Raises:
            UsageError: there is no such file, or it cannot be used.
            EnvironmentFileError: it has no such context.
        """
        choice = KubeconfigChoice(kubeconfig, context, insecure_skip_tls_verify, in_cluster)
        options = (
            *kubectl_options(kubeconfig=kubeconfig or "", insecure=insecure_skip_tls_verify),
            *(("--context", context) if context else ()),
        )
        return cls(find(choice, redactor, environ), redactor, pace, environ, options)

    @property
    def name(self) -> str:
        return self._name

    @property
    def connections(self) -> int:
        return _CONNECTIONS

    @property
    def requests(self) -> int:
        return self._exchange.sent

    def end_waits_with(self, lost: Callable[[], bool]) -> None:
        self._turns.end_with(lost)

    def uid(self) -> str:
        try:
            namespace = self._api.get(NAMESPACE, "", "kube-system")
        except Refused as error:
            if error.reason is RefusalReason.FORBIDDEN:
                return ""
            raise
        return str(dig(namespace, "metadata", "uid") or "")

    def crd(self, endpoint: Endpoint) -> Crd | None:
        """The CRD; without permission to read CRDs, what `openapi.crd_of` makes of the published schema."""
        try:
            try:
                body = self._api.get(_CRDS, "", endpoint.crd_name)
            except Refused as error:
                if error.reason is not RefusalReason.FORBIDDEN:
                    raise
                return openapi.crd_of(self._api.published(endpoint), endpoint)
            return None if body is None else Crd.of(body)
        except (ValueError, RecursionError) as error:
            said = sentence(str(error), self._redactor)
            raise BadAnswer(f"the schema of {endpoint.crd_name} cannot be read: {said}") from None

    def list(self, endpoint: Endpoint, namespace: str) -> tuple[Document, ...]:
        refuse_secrets(endpoint)
        return self._api.list(endpoint, namespace)

    def watch(self, endpoint: Endpoint, namespace: str, version: str, seconds: int) -> Watched:
        refuse_secrets(endpoint)
        return self._api.watch(endpoint, namespace, version, seconds)

    def unreadable(self, endpoint: Endpoint, namespace: str) -> tuple[Unreadable, ...]:
        del endpoint, namespace
        return ()

    def pods(self, namespace: str, selector: str) -> tuple[Pod, ...]:
        return running_pods(self._api.list(POD, namespace, selector))

    def get(self, endpoint: Endpoint, namespace: str, name: str) -> Document | None:
        refuse_secrets(endpoint)
        body = self._api.get(endpoint, namespace, name)
        return None if body is None else Document.of(body)

    def apply(
        self,
        endpoint: Endpoint,
        body: Document,
        *,
        manager: str,
        force: bool = False,
        dry_run: bool = False,
    ) -> Applied:
        refuse_secrets(endpoint)
        return self._api.apply(endpoint, body, manager=manager, force=force, dry_run=dry_run)

    def merge_patch(
        self, endpoint: Endpoint, namespace: str, name: str, patch: JsonObject, *, manager: str
    ) -> Document:
        refuse_secrets(endpoint)
        place = {"namespace": namespace, "name": name}
        body = Document.of(patch | {"metadata": dig_map(patch, "metadata") | place})
        return self._api.write(merge_patch_as(manager), endpoint, body).document

    def create(self, endpoint: Endpoint, body: Document) -> Document:
        refuse_secrets(endpoint)
        return self._api.write(CREATE, endpoint, body).document

    def replace(self, endpoint: Endpoint, body: Document) -> Document:
        refuse_secrets(endpoint)
        return self._api.write(REPLACE, endpoint, body).document

    def delete(
        self, endpoint: Endpoint, namespace: str, name: str, *, uid: str, resource_version: str = ""
    ) -> None:
        self._api.delete(endpoint, namespace, name, uid=uid, resource_version=resource_version)

    def keyring(self, namespace: str, name: str) -> Keyring | None:
        return self._secrets.keyring(namespace, name)

    def draft_keyring(self) -> Keyring:
        return self._secrets.draft_keyring()

    def create_keyring(self, namespace: str, name: str) -> Keyring:
        return self._secrets.create_keyring(namespace, name)

    def read_secret(
        self,
        namespace: str,
        name: str,
        references: Sequence[SecretReference],
        keyring: Keyring | None,
        environment: str,
    ) -> tuple[SecretReading, ...]:
        return self._secrets.read(namespace, name, references, keyring, environment)
