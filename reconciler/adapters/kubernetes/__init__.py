"""The real cluster, through the Kubernetes API.

kubeconfig.py  which API server, and as whom       login.py    its credentials, and new ones after a 401
deadline.py    an end that no server can move      wire.py     one request, and an answer that is whole
retry.py       what may be asked again, and when   answers.py  a Status becomes an error that names fields
lists.py       a LIST is whole or an error         openapi.py  a CRD where only its published schema may be read
cluster.py     `ports.Cluster`: read this first

Of the kubernetes client only the reading of kubeconfigs and the connection pool are used: the rest of
it repeats requests in silence, follows redirects with the body, knows no deadline and accepts half a LIST.
Importing this package costs its import, so the command line does that late.
"""

from reconciler.adapters.kubernetes.cluster import KubernetesCluster

__all__ = ["KubernetesCluster"]
