"""Where configuration files come from: the working tree, or one commit of a git repository."""
