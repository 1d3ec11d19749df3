"""What the program uses from outside.

kubernetes/, directory/  the two clusters            sources/     the configuration repository, plain files
jinja/                   the template engine         forge/       comments on pull requests
redactor.py              masks secret values

All but `forge` implement a Protocol of `ports`. Adapters do not import each other.
"""
