"""The real cluster, through the Kubernetes API.

cluster.py     `ports.Cluster`: read this first   api.py      its verbs, one deadline each
kubeconfig.py  which API server, and as whom      keys.py     Secrets: read, never handed on
credentials.py tokens and plugins                 login.py    a session, and a new one after a 401
retry.py       what may be asked again, and when  wire.py     one request, one whole answer
lists.py       a LIST is whole or an error        answers.py  a Status as an error that names fields
openapi.py     a CRD from its published schema    deadline.py an end that no server can move
content.py     whether an answer holds what was sent

Of the kubernetes client only the reading of kubeconfigs and the connection pool are used: the rest of
it repeats requests in silence, follows redirects with the body, knows no deadline and accepts half a LIST.
Importing this package costs its import, so the command line does that late.
"""

from reconciler.adapters.kubernetes.cluster import KubernetesCluster

__all__ = ["KubernetesCluster"]
