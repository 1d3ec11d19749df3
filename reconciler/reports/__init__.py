"""Report formats: a module here that defines `FORMAT` is a format of the command line (text, json, markdown).

Modules whose name begins with an underscore are shared by the formats:

    _verdict    one environment as a `View`: entries, verdict, counts
    _changes    entries about objects
    _secrets    entries about Secrets
    _entries    what an entry is
    _findings   findings, grouped and laid out as a compiler does
    _status     what the record says, for the command `status`
    _words      sentences that mark which part of them is data
    _gfm        Markdown that data cannot break out of
    _codec      model values to JSON and back
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Mapping
from importlib import import_module
from types import MappingProxyType, ModuleType

from reconciler.report import ReportFormat


def discover(modules: Iterable[ModuleType]) -> Mapping[str, ReportFormat]:
    """The formats of these modules, by name.

    Raises:
        ValueError: two modules define a format of one name, or a module defines none.
    """
    formats: dict[str, ReportFormat] = {}
    for module in modules:
        format_ = getattr(module, "FORMAT", None)
        if not isinstance(format_, ReportFormat):
            raise ValueError(f"{module.__name__} defines no FORMAT: ReportFormat")  # noqa: TRY004 -- the module is wrong, not the call
        if format_.name in formats:
            raise ValueError(f"{module.__name__} defines the format {format_.name} again")
        formats[format_.name] = format_
    return MappingProxyType(formats)


def _modules() -> Iterable[ModuleType]:
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    return (import_module(f"{__name__}.{name}") for name in names)


FORMATS: Mapping[str, ReportFormat] = discover(_modules())
