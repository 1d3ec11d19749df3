"""Everything outside the program: each package implements a Protocol of `ports`; each library has one package here."""
