"""How large a text may be. Generous: they stop bombs, not work."""

from __future__ import annotations

MAX_CHARACTERS = 10 * 1024 * 1024
MAX_DOCUMENTS = 10_000
MAX_NODES = 250_000  # of one text
MAX_DEPTH = 64
MAX_FAULTS = 100  # of one document; more tell nobody more
MAX_ALIASES = 100
MAX_ALIASED_NODES = 10_000
