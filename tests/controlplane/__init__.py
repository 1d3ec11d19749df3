"""A real kube-apiserver and etcd on loopback, built from Go modules, shared by one test run."""
