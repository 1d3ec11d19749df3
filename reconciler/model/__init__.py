"""Nouns: immutable values and the pure questions about them. Nothing here does I/O."""
