"""Declarative GitOps reconciler for LLM providers on Kubernetes. The README ends with a map of this package."""

__version__ = "0.1.0"
