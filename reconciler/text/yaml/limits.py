"""Limits of one YAML text. They are generous: they stop attacks and accidents, not work."""

from __future__ import annotations

MAX_CHARACTERS = 10 * 1024 * 1024
MAX_DOCUMENTS = 10_000
MAX_NODES = 250_000  # in all documents of a text
MAX_DEPTH = 64
MAX_FINDINGS = 100  # per document; a longer list helps nobody
MAX_ALIASES = 100  # per document
MAX_ALIASED_NODES = 10_000  # per document
