"""One suite, two clusters: what a user meets on the directory cluster is what the API server does."""
