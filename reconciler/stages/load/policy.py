"""The policy of an environment.yaml, with what its form alone cannot judge: the codes of rules."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler import kinds
from reconciler.model import codes
from reconciler.model.environment import Policy, Rules
from reconciler.stages.load.file import EnvironmentFile
from reconciler.stages.load.problems import Problems
from reconciler.text.suggest import did_you_mean


def read_policy(file: EnvironmentFile, problems: Problems) -> Policy:
    """`policy` of an environment.yaml; what is wrong with it goes to `problems`."""
    form = file.form.policy
    known = codes.CODES.keys() | kinds.CODES.keys()
    for code in form.severity:
        where = file.key("policy", "severity", code)
        if code not in known:
            problems.add("E002", where, f"there is no rule `{code}`", did_you_mean(code, known))
        elif codes.is_final(code):
            message = f"`policy.severity` cannot change {code}: what it finds cannot be applied"
            problems.add("E003", where, message)
    return Policy(
        form.on_drift,
        form.on_conflict,
        tuple(form.adopt_from),
        frozenset(form.fail_on),
        Rules(
            allowed_hosts=_any(form.allowed_hosts),
            plain_http=form.plain_http,
            insecure_skip_verify=form.insecure_skip_verify,
            allowed_headers=_any(form.allowed_headers),
            denied_headers=tuple(form.denied_headers),
            secret_names=_any(form.secret_names),
            reference_namespaces=_any(form.reference_namespaces),
            deprecated_fields=form.deprecated_fields,
            severity=tuple(sorted(form.severity.items())),
        ),
    )


def _any(names: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)
