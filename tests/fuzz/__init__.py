"""Fuzz targets: the parsers of bytes that others wrote, each of which may fail only in the ways that it documents.

- targets.py: what is tried, and with what it begins
- __main__.py: `python -m tests.fuzz TARGET SECONDS`, guided by coverage; `make fuzz` installs what it needs
- test_targets.py: every target, with what it begins with and what a fuzzer once found
"""
