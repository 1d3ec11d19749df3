"""Validate, diff, apply, drift: the verbs that run the pipeline, and their reports."""
