"""`rbac`: prints the Roles that a flow needs, for `kubectl apply -f -`."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from reconciler.adapters.redactor import SecretRedactor
from reconciler.cli.definitions.rendered import read_environment
from reconciler.cli.delivery.output import Sink, emit
from reconciler.cli.execution.streams import write_error
from reconciler.cli.wiring.dependencies import build_dependencies
from reconciler.cli.wiring.inputs import Inputs
from reconciler.dependencies import Dependencies
from reconciler.errors import UsageError
from reconciler.model.applyset import parent_name
from reconciler.model.environment import Environment
from reconciler.model.permission import Subject
from reconciler.model.verbs import APPLY, DIFF, DRIFT, STAMP
from reconciler.semantics.validation.objectmeta import create_violations
from reconciler.stages.consumers import consumers_of
from reconciler.stages.load import load
from reconciler.stages.permissions import (
    PermissionsInput,
    Rule,
    Scope,
    binding,
    needed,
    role_head,
    rules_of,
)
from reconciler.text.foreign import masked_name
from reconciler.text.yaml import dump, inline

FLOWS = {"review": DIFF, "change": APPLY, "watch": DRIFT.recording(), "stamp": STAMP}
_SUBJECTS = {"user": "User", "group": "Group"}
_ACCOUNT = "serviceaccount"


def print_roles(inputs: Inputs, name: str, flow: str, scope: Scope, subject: str) -> int:
    """Print the Roles and bindings of a flow; nothing if the environment is invalid, whose errors go to stderr."""
    for place in scope.consumers:
        if not _are_names("consumer", place):
            raise UsageError(f"--consumers {place}: not the name of a namespace")
    account = _subject(subject) if subject else None
    redactor = SecretRedactor()
    deps = build_dependencies(inputs, redactor, reads_cluster=False, reads_consumers=True)
    state, code = read_environment(deps, name, redactor)
    if state is None or state.invalid:
        return code
    kinds = {manifest.ref.group_kind for manifest in state.manifests}
    permissions = PermissionsInput(
        state.environment,
        state.manifests,
        deps.kinds,
        consumers_of(kinds, deps.consumers),
        FLOWS[flow],
        scope,
        _earlier(deps, state.environment) if FLOWS[flow].is_about_apply else (),
    )
    account = account or _subject(f"{_ACCOUNT}:{permissions.home}/reconciler-{flow}")
    role = f"reconciler-{flow}-{name}"
    rules = sorted(rules_of(needed(permissions)), key=lambda rule: rule.namespace)
    documents = [
        _documents(role if place else f"{role}-{permissions.home}", place, tuple(of), account)
        for place, of in groupby(rules, key=lambda rule: rule.namespace)
    ]
    emit(masked_name("".join(documents)), Sink("yaml"), redactor)
    return code


def _earlier(deps: Dependencies, environment: Environment) -> tuple[Environment, ...]:
    """The environments in `after` that are on the same cluster; for the others stderr says what is needed there."""
    same = []
    for name in environment.after:
        earlier = load(deps.repository, deps.root, name, deps.kinds, deps.trusted)
        target = deps.target_of_earlier(earlier)
        if str(target) == str(deps.target(environment)):
            same.append(earlier)
            continue
        need = f"`get` on the ConfigMap {parent_name(name)} in {earlier.home}"
        write_error(
            masked_name(f"{name} is on another cluster, {target}, where the account needs {need}\n")
        )
    return tuple(same)


def _documents(name: str, namespace: str, rules: Iterable[Rule], subject: Subject) -> str:
    """A Role, or a ClusterRole, whose rules say what they are for; and its binding."""
    head = dump(role_head(name, namespace))
    listed = "".join(map(_rule, rules))
    return f"---\n{head}rules:\n{listed}---\n{dump(binding(name, namespace, subject))}"


def _rule(rule: Rule) -> str:
    first, *rest = (inline({key: value}) for key, value in rule.body().items())
    return "".join(
        f"{line}\n" for line in (f"  # {rule.purpose}", f"  - {first}", *(f"    {p}" for p in rest))
    )


def _are_names(name: str, namespace: str) -> bool:
    """Whether the API server accepts an object with this name in this namespace."""
    metadata = {"name": name, "namespace": namespace}
    return not any(create_violations(metadata, namespaced=True))


def _subject(text: str) -> Subject:
    """`user:NAME`, `group:NAME` or `serviceaccount:NAMESPACE/NAME`.

    Raises:
        UsageError: it is none of these.
    """
    kind, _, name = text.partition(":")
    if kind in _SUBJECTS and name:
        return Subject(_SUBJECTS[kind], name)
    namespace, _, account = name.partition("/")
    if kind == _ACCOUNT and _are_names(account, namespace):
        return Subject("ServiceAccount", account, namespace)
    raise UsageError(
        f"--subject {text}: not a subject",
        hint="user:NAME, group:NAME, serviceaccount:NAMESPACE/NAME",
    )
