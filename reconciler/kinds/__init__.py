"""The managed kinds, discovered by listing this folder: a new kind is a new file, or a package where it is large.

The module of a kind defines `KIND` (`reconciler.kind.Kind`). Modules whose name begins with an underscore are shared by
several kinds:

    _spec      reads a spec leniently
    _findings  findings on a spec
    _flokoa    what the kinds of Flokoa have in common
    _headers   HTTP headers
    _models    the vendor of a model by its name
    _secrets   references to the key of a Secret
    _urls      the URLs of endpoints
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
    """The modules of this folder that define a kind, sorted by name."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    return tuple(importlib.import_module(f"{__name__}.{name}") for name in names)


def by_group_kind(modules: Iterable[ModuleType]) -> dict[GroupKind, Kind]:
    """The kind of each module.

    Raises:
        TypeError: two modules define the same kind.
    """
    kinds: dict[GroupKind, Kind] = {}
    owners: dict[GroupKind, str] = {}
    for module in modules:
        kind: Kind = module.KIND
        group_kind = kind.endpoint.group_kind
        if group_kind in kinds:
            raise TypeError(f"{module.__name__} and {owners[group_kind]} both define {group_kind}")
        kinds[group_kind], owners[group_kind] = kind, module.__name__
    return kinds


KINDS: Mapping[GroupKind, Kind] = MappingProxyType(by_group_kind(discover()))
CODES: Mapping[str, Rule] = MappingProxyType(register(*(kind.codes for kind in KINDS.values())))
