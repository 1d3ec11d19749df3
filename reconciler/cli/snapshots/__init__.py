"""Snapshots: the command `snapshot`, and `diff --against`, which reads one in place of a cluster."""
