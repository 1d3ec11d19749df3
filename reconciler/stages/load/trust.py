"""Settings from a trusted revision: the revision that is read decides the content, and nothing else.

A pull request may change templates, values and objects. Where they are applied and what is allowed (cluster,
namespaces, policy) is not its decision until somebody approves it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from reconciler.model.document import Json
from reconciler.model.revision import Revision
from reconciler.model.trust import SettingChange
from reconciler.stages.load.file import EnvironmentFile

if TYPE_CHECKING:
    from reconciler.stages.load.form import EnvironmentForm

# Keys that describe the content, by their name in the form. Every other key is a setting, later ones as well.
CONTENT = frozenset({"config_version", "extends", "manifests", "crds"})


def own_settings(revision: Revision) -> tuple[str, ...]:
    """The note on a revision whose settings nobody has approved; it completes "not checked: ..."."""
    if revision.merged:
        return ()
    outside = f"{revision.short} is not in the history of the checked-out branch"
    note = f"{outside}, and its own environment.yaml decides both (with --trust BASE, BASE decides)"
    return (f"cluster and policy: {note}",)


def with_settings(head: EnvironmentFile, base: EnvironmentFile) -> EnvironmentFile:
    """The content of one environment.yaml with the settings of another one."""
    names = set(type(head.form).model_fields) - CONTENT
    form = head.form.model_copy(update={name: getattr(base.form, name) for name in names})
    content = {type(head.form).model_fields[name].alias or name for name in CONTENT}
    return head.combined(form, base, content)


def changed_settings(head: EnvironmentForm, base: EnvironmentForm) -> tuple[SettingChange, ...]:
    """The settings that differ, by key; defaults count as values."""
    before, after = dict(_leaves(_settings(base))), dict(_leaves(_settings(head)))
    return tuple(
        SettingChange(key, before.get(key), after.get(key))
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
    )


def _settings(form: EnvironmentForm) -> Mapping[str, Json]:
    settings: Mapping[str, Json] = form.model_dump(
        mode="json", by_alias=True, exclude=set(CONTENT), exclude_none=True
    )
    return settings


def _leaves(settings: Mapping[str, Json], above: str = "") -> Iterator[tuple[str, str]]:
    for key, value in settings.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", json.dumps(value, ensure_ascii=False)
