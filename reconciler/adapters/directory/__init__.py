"""The embedded cluster: live state in a folder of YAML files, with the API server's semantics.

layout.py   which file is which object                 files.py    every system call, and what its failure means
lock.py     one writer, or many readers                journal.py  a write is whole, or it never was
store.py    what was written last, and the next write  crds.py     which kinds this cluster serves
edits.py    what a person did to a file since then     core.py     Secret, ConfigMap, Lease as CRDs would say them
cluster.py  `ports.Cluster`: read this first           views.py    every object as it stands now
writes.py   one request that changes one object        text.py     the lines of a YAML file

No semantics of the API server stands here: every write is a call of `reconciler.semantics.server`.
"""

from reconciler.adapters.directory.cluster import DirectoryCluster

__all__ = ["DirectoryCluster"]
