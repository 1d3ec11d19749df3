"""The real cluster, through the Kubernetes API.

cluster.py     `ports.Cluster`: read this first   api.py      its verbs, one deadline each
kubeconfig.py  which API server, and as whom      keys.py     Secrets: read, never handed on
credentials.py tokens and plugins                 login.py    a session, and a new one after a 401
paths.py       requests and their paths           answers.py  a Status as an error that names fields
lists.py       a LIST is whole or an error        openapi.py  a CRD from its published schema
content.py     whether an answer holds what was sent
pods.py        which value of a Secret a pod has  writes.py   how bodies are sent
sentences.py   text of a server, fit for a report watches.py  one window of a watch
servers.py     the URL of a server, written in one way

Of the kubernetes client only the reading of kubeconfigs and the connection pool are used, and `reconciler.http`
sends the requests: the rest of the client repeats requests in silence, follows redirects with the body, knows no
deadline and accepts half a LIST.
Importing this package costs its import, so the command line does that late.
"""

from reconciler.adapters.kubernetes.cluster import KubernetesCluster, Pace

__all__ = ["KubernetesCluster", "Pace"]
