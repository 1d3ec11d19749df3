"""Flokoa Model, managed or not: agents get to a ModelProvider through it. It has no pods."""

from __future__ import annotations

from reconciler.consumer import Consumer, Use
from reconciler.consumers import _flokoa
from reconciler.kinds import flokoa_model
from reconciler.model.impact import Consequence, Effect
from reconciler.model.path import FieldPath

_STALE = "in another namespace than its provider it keeps an old status: the operator does not look there"


def on_change(use: Use, paths: tuple[FieldPath, ...]) -> Consequence:
    del paths
    return Consequence(Effect.RECONCILED, _STALE if _is_elsewhere(use) else "")


def on_deletion(use: Use) -> Consequence:
    return Consequence(Effect.BREAKS, _STALE if _is_elsewhere(use) else "")


def _is_elsewhere(use: Use) -> bool:
    return bool(use.reference.namespace != use.consumer["metadata"].get("namespace"))


CONSUMER = Consumer(
    system="flokoa",
    endpoint=flokoa_model.KIND.endpoint,
    targets=frozenset({_flokoa.MODEL_PROVIDER}),
    references=flokoa_model.KIND.object_references,
    on_change=on_change,
    on_deletion=on_deletion,
)
