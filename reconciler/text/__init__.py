"""Texts: strict YAML with positions (the only door of PyYAML), did-you-mean, carets."""
