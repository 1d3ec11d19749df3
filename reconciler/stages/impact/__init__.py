"""Who is affected by a Secret, a provider or a model: a graph of references, followed from its roots. Pure.

graph.py    the references between objects
roots.py    where the graph is followed from
effects.py  what happens to each consumer that is reached
pods.py     the pods of consumers, from the cluster
"""

from reconciler.stages.impact.effects import ImpactInput, affected
from reconciler.stages.impact.graph import Graph, consumer_reads

__all__ = ["Graph", "ImpactInput", "affected", "consumer_reads"]
