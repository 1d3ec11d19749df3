"""Text: strict YAML with positions, suggestions, URLs, excerpts with carets, escapes; credentials, found and masked."""
