"""Reads configuration files from the working tree, or from one commit of a git repository."""
