"""The doors to the outside: each one implements a Protocol of `ports`, and knows one library."""
