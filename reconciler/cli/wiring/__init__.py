"""From the options of a command to the adapters behind the ports.

inputs        where a command reads from, and what its printed commands repeat
names         environments and files by the names on the command line
crds          the CRDs of --crds
dependencies  the adapters and options that the pipeline gets
early         what starts before the modules of a run are imported
rate          how many requests a second it may send to each API server
pod           whether this is a pod, and the account of its cluster
"""
