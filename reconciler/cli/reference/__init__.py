"""Explain, schema: what the program knows, without a repository."""
