"""Snapshots: the command `snapshot`, and `diff --against`, which reads one in place of a cluster.

commands  the options               taken  writes one
against   reads one                 older  what the folder had before
"""
