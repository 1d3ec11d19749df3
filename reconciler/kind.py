"""The interface of a managed kind. Each module of `kinds/` implements it for one kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace
from enum import StrEnum
from functools import lru_cache

from pydantic import BaseModel, ConfigDict

from reconciler.frozen import dataclass
from reconciler.model.codes import CODES, Rule, register
from reconciler.model.document import JsonObject, canonical, dig_map
from reconciler.model.finding import Severity
from reconciler.model.identity import Endpoint, GroupKind
from reconciler.model.path import FieldPath
from reconciler.model.readiness import Readiness, ReadyState
from reconciler.model.secret import SecretReference
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.schema.structural import Rule as CelRule
from reconciler.semantics.schema.structural import Schema
from reconciler.text.header_names import may_be_shown


class Topic(StrEnum):
    """The setting of an environment's policy, if any, that decides how severe a finding is."""

    NONE = "none"
    HOSTS = "allowedHosts"
    PLAIN_HTTP = "plainHttp"
    INSECURE_TLS = "insecureSkipVerify"
    DEPRECATED = "deprecatedFields"


@dataclass(frozen=True, slots=True)
class FieldFinding:
    """A finding on one field of an object, before it has a location in a source file.

    Attributes:
        path: from the root of the object.
        intended: for an unknown field, the field that its author probably meant. No other finding is reported on
            that field, since correcting the name corrects both.
    """

    code: str
    severity: Severity
    path: FieldPath
    message: str
    hint: str = ""
    topic: Topic = Topic.NONE
    intended: FieldPath = ()


@dataclass(frozen=True, slots=True)
class FieldText:
    """A text that a policy may forbid (a URL, or the name of a header or a Secret), and the field that holds it."""

    path: FieldPath
    text: str


@dataclass(frozen=True, slots=True)
class ObjectReference:
    """A reference from one object to another one of a managed kind."""

    path: FieldPath
    target: GroupKind
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class RuleMeaning:
    """How to report a violated CEL rule: CRDs attach rules to a parent of the fields that violate them."""

    code: str
    path: FieldPath  # from the root of the object: the field to correct
    message: str  # for a CRD whose rule has none
    hint: str


class Contract(BaseModel):
    """The spec of a kind as its documentation describes it, over all eras of its CRD: what no CRD checks.

    A contract parses any mapping. The CRD alone validates the structure: types, required fields, unknown fields.
    """

    model_config = ConfigDict(defer_build=True)  # a run builds only the contracts that it needs

    def findings(self) -> Iterable[FieldFinding]:
        """Every reason why the operator, or the pods that it makes, could not work with this spec."""
        return ()


def no_references(_: JsonObject) -> tuple[ObjectReference, ...]:
    """For a kind whose objects refer to no other object."""
    return ()


def no_secrets(_: JsonObject) -> tuple[SecretReference, ...]:
    """For a kind that uses no Secret."""
    return ()


def no_texts(_: JsonObject) -> tuple[FieldText, ...]:
    """For a kind without URLs, without headers or without Secrets."""
    return ()


def no_findings(_: JsonObject) -> tuple[FieldFinding, ...]:
    """For a kind without lints."""
    return ()


def no_findings_with_crd(_: JsonObject, __: Crd) -> tuple[FieldFinding, ...]:
    """For a kind whose lints do not depend on the era of its CRD."""
    return ()


def no_findings_with_target(
    _: JsonObject, __: ObjectReference, ___: JsonObject
) -> tuple[FieldFinding, ...]:
    """For a kind whose lints do not depend on the objects to which it refers."""
    return ()


def no_findings_across(_: tuple[JsonObject, ...]) -> tuple[tuple[int, FieldFinding], ...]:
    """For a kind whose lints need only one object at a time."""
    return ()


def no_replacement(_: JsonObject, __: FieldPath) -> JsonObject | None:
    """For a kind whose fields have no counterpart in other eras."""
    return None


def no_readiness(_: JsonObject) -> Readiness:
    """For a kind whose status does not say whether an object is ready."""
    return Readiness(ReadyState.NOT_JUDGED)


@dataclass(frozen=True, slots=True)
class Kind:
    """A managed kind.

    Every function takes a complete object (`apiVersion`, `kind`, `metadata`, `spec` ...), as a fresh dict.

    Attributes:
        system: `flokoa`, `omnia`: the folder of its CRDs and templates.
        apply_order: kinds with a lower number are applied first.
        codes: the rules behind the stable codes of its findings.
        secret_references: in the namespace of the object, resolved as its operator resolves them.
        readiness: whether a live object works; a status of an older generation does not count.
        decides: fields that decide where prompts and keys go, with everything below them: URLs, headers, TLS, platform,
            credentials. If someone adds one to a live object, the run fails unless the policy says otherwise.
        sensitive: paths whose values are masked; `"*"` matches any key. Below a field whose name ends in `headers`,
            the values of harmless headers are shown.
        shown_headers: globs of more headers whose values are shown; the policy of an environment sets them.
        lint: what the cluster accepts but does not do what its author expects.
        lint_with_crd: lints that depend on the era of the CRD.
        lint_with_target: lints of an object with one to which it refers, if both are in the environment.
        lint_across: lints that need several objects of an environment; each with the index of its object.
        urls, headers, secret_names: what the policy of an environment may forbid: every endpoint and the name of every
            header and Secret, even in fields that nothing reads.
        rules: the CEL rules of the CRDs of all eras, by their text.
        descriptions: a sentence about a field, by its path (`spec.settings.topP`), for CRDs that have none. Editors
            show it; hints use the example in quotes and the range in parentheses: `(0.0 to 1.0), such as "0.9"`.
        replacement_hints: what to write instead of fields that only another era, or the documentation, has; by path. A
            path may end with a value: `("spec", "type", "anthropic")`.
        replacement: the fields of the spec to write instead of a field of another era, where the change is mechanical.
            Sensitive values in it are masked.
    """

    system: str
    endpoint: Endpoint
    contract: type[Contract]
    apply_order: int
    codes: Mapping[str, Rule] = field(default_factory=dict)
    secret_references: Callable[[JsonObject], tuple[SecretReference, ...]] = no_secrets
    object_references: Callable[[JsonObject], tuple[ObjectReference, ...]] = no_references
    readiness: Callable[[JsonObject], Readiness] = no_readiness
    sensitive: tuple[tuple[str, ...], ...] = ()
    decides: tuple[tuple[str, ...], ...] = ()
    shown_headers: tuple[str, ...] = ()
    lint: Callable[[JsonObject], tuple[FieldFinding, ...]] = no_findings
    lint_with_crd: Callable[[JsonObject, Crd], tuple[FieldFinding, ...]] = no_findings_with_crd
    lint_with_target: Callable[
        [JsonObject, ObjectReference, JsonObject], tuple[FieldFinding, ...]
    ] = no_findings_with_target
    lint_across: Callable[[tuple[JsonObject, ...]], tuple[tuple[int, FieldFinding], ...]] = (
        no_findings_across
    )
    urls: Callable[[JsonObject], tuple[FieldText, ...]] = no_texts
    headers: Callable[[JsonObject], tuple[FieldText, ...]] = no_texts
    secret_names: Callable[[JsonObject], tuple[FieldText, ...]] = no_texts
    rules: Mapping[str, RuleMeaning] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    replacement_hints: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    replacement: Callable[[JsonObject, FieldPath], JsonObject | None] = no_replacement

    def contract_findings(self, body: JsonObject) -> tuple[FieldFinding, ...]:
        """Where an object breaks the contract of its kind."""
        return _contract_findings(self.contract, canonical(dig_map(body, "spec")))

    def described(self, schema: Schema, path: str = "") -> Schema:
        """The schema of a CRD, with the descriptions and messages of the kind where the CRD has none."""
        properties = {
            name: self.described(child, f"{path}.{name}" if path else name)
            for name, child in schema.properties.items()
        }
        return replace(
            schema,
            description=schema.description or self.descriptions.get(path, ""),
            rules=tuple(map(self._with_message, schema.rules)),
            properties=properties,
        )

    def _with_message(self, rule: CelRule) -> CelRule:
        meaning = None if rule.message else self.rules.get(rule.rule)
        return replace(rule, message=meaning.message) if meaning else rule

    def is_sensitive(self, path: FieldPath) -> bool:
        """Whether the value at a path is, or contains, something that must not be shown."""
        return any(self._hides(path, pattern) for pattern in self.sensitive)

    def holds_sensitive(self, path: FieldPath) -> bool:
        """Whether the value at a path is a part of something that must not be shown."""
        return any(
            len(path) >= len(pattern) and self._hides(path, pattern) for pattern in self.sensitive
        )

    def _hides(self, path: FieldPath, pattern: tuple[str, ...]) -> bool:
        return _overlaps(path, pattern) and not self._shows(path, pattern)

    def _shows(self, path: FieldPath, pattern: tuple[str, ...]) -> bool:
        """Whether a path leads to a header that may be shown."""
        of_headers = pattern[-1] == "*" and pattern[-2].lower().endswith("headers")
        if not of_headers or len(path) < len(pattern):
            return False
        return may_be_shown(str(path[len(pattern) - 1]), self.shown_headers)

    def decides_traffic(self, path: FieldPath) -> bool:
        """Whether the field at a path decides where prompts and keys go."""
        return any(path[: len(pattern)] == pattern for pattern in self.decides)


@lru_cache(
    maxsize=4096
)  # objects of one template share their spec, and each is judged several times
def _contract_findings(contract: type[Contract], spec: str) -> tuple[FieldFinding, ...]:
    return tuple(contract.model_validate(json.loads(spec)).findings())


def rules_of(kinds: Iterable[Kind]) -> dict[str, Rule]:
    """The rules behind all codes: those of the program and those of these kinds.

    Raises:
        ValueError: two of them have the same code.
    """
    return register(CODES, *(kind.codes for kind in kinds))


def _overlaps(path: FieldPath, pattern: tuple[str, ...]) -> bool:
    """Whether a path is at, above or below a sensitive one."""
    return all(step in ("*", str(own)) for own, step in zip(path, pattern, strict=False))
