"""Declarative GitOps reconciler for LLM providers on Kubernetes."""

__version__ = "0.1.0"
