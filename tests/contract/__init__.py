"""The contract of a cluster: every test runs against the directory cluster and against a real API server."""
