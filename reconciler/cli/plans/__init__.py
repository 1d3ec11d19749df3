"""Plan files: `diff --out` writes one, and the command `show` prints it."""
