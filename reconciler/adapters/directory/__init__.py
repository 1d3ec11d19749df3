"""The directory cluster: live state in a folder of YAML files, with the semantics of an API server.

layout.py     the paths of each object              files.py      every system call, and the error for its failure
lock.py       one writer or many readers            journal.py    atomic writes
store.py      the last write of each object         crds.py       the kinds that this cluster serves
edits.py      edits of files by people              builtin.py    Secret, ConfigMap and Lease as CRDs
cluster.py    `ports.Cluster`: read this first      views.py      the current state of each object
writes.py     one request that changes an object    yaml_file.py  a YAML file with line numbers
namespaces.py folders as namespaces
snapshot.py   a snapshot of another cluster, as files and as a cluster that only reads

`reconciler.semantics.server` implements the semantics: every write here is a call to it.
"""

from reconciler.adapters.directory.cluster import DirectoryCluster

__all__ = ["DirectoryCluster"]
