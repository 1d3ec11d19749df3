"""Verbs: one file (or package) per step of `pipeline.py`. Steps do not know each other; they meet in `model`."""
