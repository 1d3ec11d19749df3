"""What the program uses from outside.

kubernetes/, directory/  the two clusters            sources/     the configuration repository, plain files
jinja/                   the template engine         forge/       comments on pull requests
redactor.py              masks secret values         webhook.py   takes news, as JSON
pushgateway.py, otlp/    take metrics                holder.py    this process as the holder of a lock

The clusters, `sources`, `jinja`, the redactor and the holder implement Protocols of `ports`. Adapters do not import
each other.
"""
