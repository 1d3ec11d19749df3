"""A hostile wire between the installed command and a real API server.

- proxy.py: stands between, TLS on both sides; scripted by method, path and count; logs all that passes
- actions.py: what it can do to a request; connections.py: how it does it
- fleet.py: a configuration repository of many environments, so that one run meets many faults
- leaks.py: looks for planted secrets in everything that a run wrote
- fixtures.py: `proxy` (for the shared control plane), `client` (the command, with either end of the range of
  kubernetes clients)
"""
