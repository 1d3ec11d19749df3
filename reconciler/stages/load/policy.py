"""The policy of an environment.yaml, with what its form alone cannot judge: codes of rules, and names that none has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from reconciler.kind import Kind, rules_of
from reconciler.model.codes import Rule, is_final
from reconciler.model.environment import Policy, Rules
from reconciler.stages.load.file import EnvironmentFile
from reconciler.stages.load.findings import FindingCollector
from reconciler.text import urls
from reconciler.text.suggest import did_you_mean

_CLASS = r"\[!?[\w.-]+\]"  # of a glob
_HOST = re.compile(  # an address in brackets or without, or a name; and a port
    rf"(?:\[[0-9A-Fa-f:.]{{2,45}}\]|(?=[^:]*:[^:]*:)[0-9A-Fa-f:.]{{2,45}}|(?!\.)(?:[\w.*?-]|{_CLASS})+(?<!\.))"
    r"(?::[\d*?]{1,5})?"
)
_HEADER = re.compile(rf"(?:[!#$%&'*+.^_`|~0-9A-Za-z?-]|{_CLASS})+")
_NAME = re.compile(rf"(?:[a-z0-9.*?-]|{_CLASS})+")
_LABEL = re.compile(rf"(?:[a-z0-9*?-]|{_CLASS})+")


@dataclass(frozen=True, slots=True)
class _Globs:
    """A list of a policy.

    Attributes:
        field: of the form and of the model.
        what: what each entry is, for a sentence.
        pattern: of a glob that a name can fit.
        instead: what an entry that is none was meant to be, as far as one can tell.
    """

    field: str
    what: str
    pattern: re.Pattern[str]
    instead: Callable[[str], str]
    example: str

    def fits(self, entry: str) -> bool:
        return self.pattern.fullmatch(entry) is not None and ".." not in entry


def _host(entry: str) -> str:
    """Of a URL, a path, a dot too many: the host and its port."""
    text = entry.strip().lower()
    host, port = urls.host_of(text if "://" in text else f"https://{text}")
    if not host:
        host, port = text.partition("://")[2] or text, ""
        host = re.split(r"[/?#\s]", host)[0].rsplit(":", 1)[0].rstrip(".")
    host = f"[{host}]" if ":" in host else f"*{host}" if host.startswith(".") else host
    return f"{host}:{port}" if port else host


def _header(entry: str) -> str:
    return "-".join(entry.partition(":")[0].split())


def _kubernetes(entry: str) -> str:
    return re.sub(r"[\s_]+", "-", entry.strip().lower()).strip("/")


_LISTS: Mapping[str, _Globs] = {
    "allowedHosts": _Globs(
        *("allowed_hosts", "host", _HOST, _host), "write it like *.example.com or llm.svc:8000"
    ),
    "allowedHeaders": _Globs(
        *("allowed_headers", "name of a header", _HEADER, _header), "write it like X-*"
    ),
    "deniedHeaders": _Globs(
        *("denied_headers", "name of a header", _HEADER, _header), "write it like Authorization"
    ),
    "secretNames": _Globs(
        *("secret_names", "name of a Secret", _NAME, _kubernetes), "write it like llm-*"
    ),
    "referenceNamespaces": _Globs(
        *("reference_namespaces", "namespace", _LABEL, _kubernetes), "write it like team-*"
    ),
}


def read_policy(file: EnvironmentFile, kinds: Iterable[Kind], findings: FindingCollector) -> Policy:
    """`policy` of an environment.yaml; what is wrong with it goes to `findings`."""
    form = file.form.policy
    _check_severity(file, rules_of(kinds), findings)
    _check_lists(file, findings)
    return Policy(
        form.on_drift,
        form.on_conflict,
        tuple(form.adopt_from),
        frozenset(form.fail_on),
        Rules(**{part.name: _frozen(getattr(form, part.name)) for part in fields(Rules)}),
    )


def _check_severity(
    file: EnvironmentFile, known: Mapping[str, Rule], findings: FindingCollector
) -> None:
    for code in file.form.policy.severity:
        where = file.key("policy", "severity", code)
        if code not in known:
            findings.add("E002", where, f"there is no rule `{code}`", did_you_mean(code, known))
        elif is_final(code):
            message = f"`policy.severity` cannot change {code}: what it finds cannot be applied"
            findings.add("E003", where, message, "remove it")


def _check_lists(file: EnvironmentFile, findings: FindingCollector) -> None:
    """An entry that no name can ever fit allows nothing, and denies nothing either."""
    for key, of in _LISTS.items():
        for index, entry in enumerate(getattr(file.form.policy, of.field) or ()):
            if not of.fits(entry):
                instead = of.instead(entry)
                hint = f"write {instead}" if of.fits(instead) else of.example
                where = file.where("policy", key, index)
                findings.add("E003", where, f"`policy.{key}[{index}]` is no {of.what}", hint)


def _frozen(value: Any) -> Any:
    """A value of the form as a value of the model."""
    if isinstance(value, dict):
        return tuple(sorted(value.items()))
    return tuple(value) if isinstance(value, list) else value
