"""Report formats: each module here defines a `FORMAT` with its own name, for the command line (text, json, markdown).

Modules whose name begins with an underscore are shared by the formats:

    _verdict    one environment as a `View`: entries, verdict, counts; labels of states are in `_states`
    _answer     the verdict, in one line; `_exit`, the line about the exit code
    _facts      the first line about an environment
    _overview   the table of several environments
    _entries    what an entry is
    _changes    entries about objects, with `_adoption`, `_extra_fields`, `_ignored`, `_holds` and `_renames`
    _together   a change of several objects, shown once
    _live       entries about live objects that the policy judges
    _readiness  entries about objects that are not ready
    _waiting    entries about namespaces and CRDs that objects wait for
    _secrets    entries about Secrets; `_resolution`, what consumers find; `_stamps`, whose operators notice
    _consumers  sentences about consumers; `_impact`, the tree of them
    _review     entries about what is no longer as in the plan that was reviewed
    _settings   the entry about settings that only a trusted revision decides
    _findings   findings, grouped and laid out as a compiler does
    _issues     whatever needs attention, at a place in the repository
    _metrics    a run as metrics
    _status     what the record says, for the command `status`; of several environments `_status_table`
    _history    what happened to an environment, for the command `history`
    _news       what is new since the last notification
    _chat       news for Slack and Teams; `_forge_issue` for an issue, `_events` for Events of Kubernetes
    _plan       a plan file, and for the command `show`
    _commands   commands to copy
    _words      sentences that mark which part of them is data
    _gfm        Markdown that data cannot break out of
    _codec      model values to JSON and back; `_json_text`, JSON that a terminal only shows
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from types import ModuleType

from reconciler.report import ReportFormat


class Formats(Mapping[str, ReportFormat]):
    """The format of each module, by the name of the module, which is imported once the format is needed."""

    def __init__(self, names: Iterable[str], load: Callable[[str], ModuleType]) -> None:
        self._names, self._load = tuple(sorted(names)), load

    def __getitem__(self, name: str) -> ReportFormat:
        """
        Raises:
            KeyError: there is no such module.
            ValueError: the module defines no format, or one of another name.
        """
        if name not in self._names:
            raise KeyError(name)
        module = self._load(name)
        format_ = getattr(module, "FORMAT", None)
        if not isinstance(format_, ReportFormat):
            raise ValueError(f"{module.__name__} defines no FORMAT: ReportFormat")  # noqa: TRY004 -- the module is wrong, not the call
        if format_.name != name:
            raise ValueError(f"{module.__name__} defines the format {format_.name}, not {name}")
        return format_

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _load(name: str) -> ModuleType:
    return import_module(f"{__name__}.{name}")


FORMATS: Mapping[str, ReportFormat] = Formats(
    (m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_")), _load
)
