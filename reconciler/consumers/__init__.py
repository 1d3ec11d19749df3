"""The kinds of consumers, discovered by listing this folder: a new one is a new file.

The module of a consumer defines `CONSUMER` (`reconciler.consumer.Consumer`). Modules whose name begins with an
underscore are shared by several: `_flokoa` and `_omnia` have what pods read of a provider, and `_references` reads
references.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from types import MappingProxyType, ModuleType

from reconciler.consumer import Consumer
from reconciler.model.identity import GroupKind


def discover() -> tuple[ModuleType, ...]:
    """The modules of this folder that define a consumer, sorted by name."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    return tuple(importlib.import_module(f"{__name__}.{name}") for name in names)


def by_group_kind(modules: Iterable[ModuleType]) -> dict[GroupKind, Consumer]:
    """The consumer of each module.

    Raises:
        TypeError: two modules define the same kind.
    """
    consumers: dict[GroupKind, Consumer] = {}
    for module in modules:
        consumer: Consumer = module.CONSUMER
        kind = consumer.endpoint.group_kind
        if kind in consumers:
            raise TypeError(f"{module.__name__} defines {kind} again")
        consumers[kind] = consumer
    return consumers


CONSUMERS: Mapping[GroupKind, Consumer] = MappingProxyType(by_group_kind(discover()))
