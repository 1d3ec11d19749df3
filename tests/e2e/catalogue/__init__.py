"""Bad input: each module holds the rows of one section of the catalogue.

`case` says what a row is, `judge` what it takes for one to hold. Rows of files alone stand side by side in one
repository, an environment each; bombs, the command line, git and variables have a process of their own.
"""
