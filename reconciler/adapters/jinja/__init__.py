"""Jinja2 in a child process: `renderer` is the parent, `child` the program that it runs."""
