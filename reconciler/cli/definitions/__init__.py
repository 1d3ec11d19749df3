"""Render, environments: what git describes, without a report."""
