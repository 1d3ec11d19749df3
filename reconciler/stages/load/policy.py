"""The policy of an environment.yaml, and the checks that its form cannot express: codes of rules, globs of names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any

from reconciler.frozen import dataclass
from reconciler.kind import Kind, rules_of
from reconciler.model.codes import Rule, is_final
from reconciler.model.difference import OWNERS
from reconciler.model.environment import (
    ExtraFields,
    IgnoreRule,
    ManifestPolicy,
    Policy,
    PrunePolicy,
)
from reconciler.model.path import show
from reconciler.stages.load.file import EnvironmentFile
from reconciler.stages.load.findings import LoadFindings
from reconciler.stages.load.form import PruneForm
from reconciler.text import urls
from reconciler.text.suggest import did_you_mean

_CLASS = r"\[!?[\w.-]+\]"  # a character class of a glob
_HOST = re.compile(  # an IP address, with brackets or without, or a name; and a port
    rf"(?:\[[0-9A-Fa-f:.]{{2,45}}\]|(?=[^:]*:[^:]*:)[0-9A-Fa-f:.]{{2,45}}|(?!\.)(?:[\w.*?-]|{_CLASS})+(?<!\.))"
    r"(?::[\d*?]{1,5})?"
)
_HEADER = re.compile(rf"(?:[!#$%&'*+.^_`|~0-9A-Za-z?-]|{_CLASS})+")
_NAME = re.compile(rf"(?:[a-z0-9.*?-]|{_CLASS})+")
_FIELD = re.compile(rf"(?:[^\s\[\]]|{_CLASS})+")
_ROOTS = ("spec.", "metadata.labels.", "metadata.annotations.")  # below which others can add fields
_LABEL = re.compile(rf"(?:[a-z0-9*?-]|{_CLASS})+")


@dataclass(frozen=True, slots=True)
class _Globs:
    """A list of globs in a policy.

    Attributes:
        field: its attribute in the form and in the model.
        noun: what each entry is, for a message.
        pattern: a glob that some name can match.
        correct: makes a probably intended glob of an invalid entry.
    """

    field: str
    noun: str
    pattern: re.Pattern[str]
    correct: Callable[[str], str]
    example: str

    def is_valid(self, entry: str) -> bool:
        return self.pattern.fullmatch(entry) is not None and ".." not in entry


def _corrected_host(entry: str) -> str:
    """The host, and the port if any, of an entry that has a scheme, a path or a superfluous dot."""
    text = entry.strip().lower()
    host, port = urls.host_of(text if "://" in text else f"https://{text}")
    if not host:
        host, port = text.partition("://")[2] or text, ""
        host = re.split(r"[/?#\s]", host)[0].rsplit(":", 1)[0].rstrip(".")
    host = f"[{host}]" if ":" in host else f"*{host}" if host.startswith(".") else host
    return f"{host}:{port}" if port else host


def _corrected_header(entry: str) -> str:
    return "-".join(entry.partition(":")[0].split())


def _corrected_name(entry: str) -> str:
    return re.sub(r"[\s_]+", "-", entry.strip().lower()).strip("/")


_LISTS: Mapping[str, _Globs] = {
    "allowedHosts": _Globs(
        *("allowed_hosts", "host", _HOST, _corrected_host),
        "write it like *.example.com or llm.svc:8000",
    ),
    "allowedHeaders": _Globs(
        *("allowed_headers", "name of a header", _HEADER, _corrected_header), "write it like X-*"
    ),
    "deniedHeaders": _Globs(
        *("denied_headers", "name of a header", _HEADER, _corrected_header),
        "write it like Authorization",
    ),
    "shownHeaders": _Globs(
        *("shown_headers", "name of a header", _HEADER, _corrected_header), "write it like X-Team"
    ),
    "secretNames": _Globs(
        *("secret_names", "name of a Secret", _NAME, _corrected_name), "write it like llm-*"
    ),
    "referenceNamespaces": _Globs(
        *("reference_namespaces", "namespace", _LABEL, _corrected_name), "write it like team-*"
    ),
}


def read_policy(file: EnvironmentFile, kinds: Iterable[Kind], findings: LoadFindings) -> Policy:
    """`policy` of an environment.yaml; `findings` gets what is wrong with it."""
    form = file.form.policy
    _check_severity(file, rules_of(kinds), findings)
    _check_lists(file, findings)
    _check_fields(file, findings)
    _check_ignore(file, kinds, findings)
    return Policy(
        form.on_drift,
        form.on_conflict,
        tuple(form.adopt_from),
        frozenset(form.fail_on),
        form.on_rotation,
        tuple(form.shown_headers),
        ManifestPolicy(
            **{part.name: _frozen(getattr(form, part.name)) for part in fields(ManifestPolicy)}
        ),
        _extra_fields(form.extra_fields),
        form.unmanaged,
        _prune(form.prune),
        tuple(IgnoreRule(rule.field, rule.manager or "*", rule.kind or "") for rule in form.ignore),
    )


def _prune(setting: bool | PruneForm) -> PrunePolicy:
    """A mapping turns it on."""
    if isinstance(setting, bool):
        return PrunePolicy(enabled=setting)
    return PrunePolicy(
        enabled=True,
        max_objects=setting.max_objects,
        max_percent=setting.max_percent,
        consumers=setting.consumers,
    )


def _extra_fields(
    setting: ExtraFields | Mapping[str, ExtraFields],
) -> tuple[tuple[str, ExtraFields], ...]:
    """The globs in the order of the file."""
    return (("*", setting),) if isinstance(setting, ExtraFields) else tuple(setting.items())


def _check_severity(
    file: EnvironmentFile, known: Mapping[str, Rule], findings: LoadFindings
) -> None:
    for code in file.form.policy.severity:
        where = file.key_location("policy", "severity", code)
        if code not in known:
            findings.add("E002", f"there is no rule `{code}`", where, did_you_mean(code, known))
        elif is_final(code):
            message = (
                f"`policy.severity` cannot change {code}: with this error nothing can be applied"
            )
            findings.add("E003", message, where, "remove it")


def _check_lists(file: EnvironmentFile, findings: LoadFindings) -> None:
    """An entry that no name can match has no effect, neither in a list that allows nor in one that denies."""
    for key, globs in _LISTS.items():
        for index, entry in enumerate(getattr(file.form.policy, globs.field) or ()):
            if not globs.is_valid(entry):
                corrected = globs.correct(entry)
                hint = f"write {corrected}" if globs.is_valid(corrected) else globs.example
                message = f"`policy.{key}[{index}]` is not a {globs.noun}"
                findings.add("E003", message, file.location("policy", key, index), hint)


def _check_fields(file: EnvironmentFile, findings: LoadFindings) -> None:
    """A glob that no field can match has no effect, so that what it would remove or fail stays."""
    setting = file.form.policy.extra_fields
    for glob in () if isinstance(setting, ExtraFields) else setting:
        if not _matches_fields(glob):
            corrected = f"{glob}.*" if f"{glob}." in _ROOTS else f"spec.{glob}"
            hint = corrected if _matches_fields(corrected) else "it like spec.headers.*"
            where = file.key_location("policy", "extraFields", glob)
            message = f"no field can match `policy.extraFields.{glob}`"
            findings.add("E003", message, where, f"write {hint}")


def _check_ignore(file: EnvironmentFile, kinds: Iterable[Kind], findings: LoadFindings) -> None:
    known = sorted({kind.endpoint.kind for kind in kinds})
    for number, rule in enumerate(file.form.policy.ignore):
        name, place = f"policy.ignore[{number}]", ("policy", "ignore", number)
        if not _matches_fields(rule.field):
            corrected = f"spec.{rule.field}"
            hint = corrected if _matches_fields(corrected) else "it like spec.defaults.*"
            message = f"no field can match `{name}.field`"
            findings.add("E003", message, file.location(*place, "field"), f"write {hint}")
        if rule.kind and rule.kind not in known:
            hint = did_you_mean(rule.kind, known) or f"write one of {', '.join(known)}"
            message = f"`{name}.kind` is not a managed kind"
            findings.add("E003", message, file.location(*place, "kind"), hint)


def _matches_fields(glob: str) -> bool:
    if _FIELD.fullmatch(glob) is None or ".." in glob or glob.endswith("."):
        return False
    if glob == show(OWNERS):
        return True
    literal = re.split(r"[*?\[]", glob)[0]
    wild = literal != glob
    return any(literal.startswith(root) or (wild and root.startswith(literal)) for root in _ROOTS)


def _frozen(value: Any) -> Any:
    """A value of the form as the model has it."""
    if isinstance(value, dict):
        return tuple(sorted(value.items()))
    return tuple(value) if isinstance(value, list) else value
