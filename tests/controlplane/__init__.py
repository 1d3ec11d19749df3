"""A real kube-apiserver and etcd on loopback, without containers, shared by one test run.

A test asks for the fixture `control_plane` (plane.py: kubectl, apply, request, audit, eras of CRDs)
or `namespace`; the first one that does starts the servers, with the newest CRD of each kind.

- build.py: the binaries, from KUBEBUILDER_ASSETS or built once from go.mod into a cache
- server.py, config.py: the child processes and what they are told
- supervise.py, run.py, fixtures.py: one set of servers per run, gone when the run is, killed or not
- audit.py: what was asked of the server

Outside pytest: `with serving(directory, binaries()) as description: ControlPlane(description)`.
There are no controllers: a namespace never finishes deleting, and a status moves only when the
test writes it.
"""
