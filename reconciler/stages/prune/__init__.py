"""Prune: deletes the objects that we applied and that git no longer has.

choose.py   which of them apply deletes, and why it leaves the others
guards.py   what keeps one object, or all of them, from being deleted
delete.py   deletes what was chosen
"""

from reconciler.stages.prune.choose import choose
from reconciler.stages.prune.delete import delete
from reconciler.stages.prune.guards import PruneInput

__all__ = ["PruneInput", "choose", "delete"]
