"""Mutation tests: changes of the code that no test notices.

- __main__.py: `python -m tests.mutants MODULE`, with mutants that mutmut writes; `make mutants` installs it
- loop.py: runs the tests, since mutmut would start pytest anew for each mutant
"""
