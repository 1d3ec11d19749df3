"""Text: strict YAML with positions, suggestions, URLs, the detection and masking of credentials, excerpts with carets, escapes."""
