"""Text: strict YAML with positions, suggestions, URLs, the detection of credentials, excerpts with carets."""
