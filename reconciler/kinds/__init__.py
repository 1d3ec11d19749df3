"""The managed kinds, found by listing this folder: adding a kind is adding a file, or a package where it is large.

A kind's module declares `KIND` (`reconciler.kind.Kind`). Modules that begin with an underscore are what several kinds
share.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from types import MappingProxyType, ModuleType

from reconciler.kind import Kind
from reconciler.model.codes import Rule, register
from reconciler.model.identity import GroupKind


def discover() -> tuple[ModuleType, ...]:
    """The modules of this folder that declare a kind, by name."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    return tuple(importlib.import_module(f"{__name__}.{name}") for name in names)


def by_group_kind(modules: Iterable[ModuleType]) -> dict[GroupKind, Kind]:
    """Each module's kind.

    Raises:
        TypeError: two modules declare one kind.
    """
    kinds: dict[GroupKind, Kind] = {}
    owners: dict[GroupKind, str] = {}
    for module in modules:
        kind: Kind = module.KIND
        claimed = kind.endpoint.group_kind
        if claimed in kinds:
            raise TypeError(f"{module.__name__} and {owners[claimed]} both declare {claimed}")
        kinds[claimed], owners[claimed] = kind, module.__name__
    return kinds


KINDS: Mapping[GroupKind, Kind] = MappingProxyType(by_group_kind(discover()))
CODES: Mapping[str, Rule] = MappingProxyType(register(*(kind.codes for kind in KINDS.values())))
