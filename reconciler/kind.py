"""What a kind says about itself. The implementations stand in `kinds/`, one file each; adding one is adding a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from reconciler.model.codes import CODES, Rule, register
from reconciler.model.document import JsonObject, dig_map
from reconciler.model.finding import Severity
from reconciler.model.identity import Endpoint, GroupKind
from reconciler.model.path import FieldPath
from reconciler.model.readiness import Readiness, ReadyState
from reconciler.model.secret import SecretReference
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.schema.structural import Rule as CelRule
from reconciler.semantics.schema.structural import Schema


class Topic(StrEnum):
    """What a finding is about, where the policy of an environment has a word of its own for it."""

    NONE = "none"
    PLAIN_HTTP = "plainHttp"
    INSECURE_TLS = "insecureSkipVerify"
    DEPRECATED = "deprecatedFields"


@dataclass(frozen=True, slots=True)
class FieldFinding:
    """What a kind has to say about one field of a manifest; the stage adds the place.

    Attributes:
        meant: of an unknown field, the one that its author probably meant; of that one nothing else is told.
    """

    code: str
    severity: Severity
    path: FieldPath
    message: str
    hint: str = ""
    topic: Topic = Topic.NONE
    meant: FieldPath = ()


@dataclass(frozen=True, slots=True)
class Named:
    """A URL, or the name of a header or a Secret, that a manifest has, and its field."""

    path: FieldPath
    text: str


@dataclass(frozen=True, slots=True)
class ObjectReference:
    """A reference from one object to another of a managed kind."""

    path: FieldPath
    target: GroupKind
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class RuleMeaning:
    """What a rule (CEL) of a kind's CRD is about: rules stand above the fields that break them."""

    code: str
    path: FieldPath  # from the root of the object: where to look
    message: str  # where the CRD has none of its own
    hint: str


def no_references(_: JsonObject) -> tuple[ObjectReference, ...]:
    """Of a kind that refers to no other object."""
    return ()


def no_secrets(_: JsonObject) -> tuple[SecretReference, ...]:
    """Of a kind that needs no Secret."""
    return ()


def no_names(_: JsonObject) -> tuple[Named, ...]:
    """Of a kind without URLs, without headers, without Secrets."""
    return ()


def no_findings(_: JsonObject) -> tuple[FieldFinding, ...]:
    """Of a kind that says no more than its CRD and its contract."""
    return ()


def no_findings_by(_: JsonObject, __: Crd) -> tuple[FieldFinding, ...]:
    """Of a kind whose findings do not depend on the age of its CRD."""
    return ()


def no_findings_together(_: tuple[JsonObject, ...]) -> tuple[tuple[int, FieldFinding], ...]:
    """Of a kind whose objects are judged one by one."""
    return ()


def never_rewritten(_: JsonObject, __: FieldPath) -> JsonObject | None:
    """Of a kind whose fields never moved as they are."""
    return None


def not_judged(_: JsonObject) -> Readiness:
    """Of a kind whose status says nothing about readiness."""
    return Readiness(ReadyState.NOT_JUDGED)


@dataclass(frozen=True, slots=True)
class Kind:
    """A managed kind.

    Every function takes the whole object (`apiVersion`, `kind`, `metadata`, `spec` ...), as a fresh dict.

    Attributes:
        system: `flokoa`, `omnia`: the folder of its CRDs and templates.
        contract: the spec as its documentation promises it, over all eras: what no CRD says. The structure (types,
            unknown fields, required fields) is the CRD's word alone, so a contract takes any extra field.
        apply_order: lower first; deletions in the reverse order.
        codes: the rules behind the stable codes of its findings.
        secret_references: in the namespace of the object, in the way its operator resolves them.
        readiness: from a live object, aware of generations.
        sensitive: paths whose values are masked everywhere, `"*"` for any key.
        lint: accepted by the cluster, but does not do what the author thinks.
        lint_by: the same, where it depends on how old the CRD is.
        lint_together: the same, where only several objects of an environment show it; with the number of the object.
        urls, headers, secret_names: what the policy of an environment allows or not: every endpoint, the name of
            every header and of every Secret, whether or not anybody reads it.
        rules: CEL rules of the CRDs, by their text, any era.
        descriptions: a sentence about a field, by its path (`spec.settings.topP`), where the CRD has none. Editors show
            it; hints take an example in quotes and a range in parentheses from it: `(0.0 to 1.0), such as "0.9"`.
        replaced: what to write instead of fields that documentation, or another era, has; by path. A path may end
            with a value: `("spec", "type", "anthropic")`.
        rewritten: the fields of the spec to write in place of one that another era has, where that is mechanical;
            what is sensitive in it is not repeated.
    """

    system: str
    endpoint: Endpoint
    contract: type[BaseModel]
    apply_order: int
    codes: Mapping[str, Rule] = field(default_factory=dict)
    secret_references: Callable[[JsonObject], tuple[SecretReference, ...]] = no_secrets
    object_references: Callable[[JsonObject], tuple[ObjectReference, ...]] = no_references
    readiness: Callable[[JsonObject], Readiness] = not_judged
    sensitive: tuple[tuple[str, ...], ...] = ()
    lint: Callable[[JsonObject], tuple[FieldFinding, ...]] = no_findings
    lint_by: Callable[[JsonObject, Crd], tuple[FieldFinding, ...]] = no_findings_by
    lint_together: Callable[[tuple[JsonObject, ...]], tuple[tuple[int, FieldFinding], ...]] = (
        no_findings_together
    )
    urls: Callable[[JsonObject], tuple[Named, ...]] = no_names
    headers: Callable[[JsonObject], tuple[Named, ...]] = no_names
    secret_names: Callable[[JsonObject], tuple[Named, ...]] = no_names
    rules: Mapping[str, RuleMeaning] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    replaced: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    rewritten: Callable[[JsonObject, FieldPath], JsonObject | None] = never_rewritten

    def breaches(self, body: JsonObject) -> tuple[FieldFinding, ...]:
        """Where an object breaks the contract."""
        try:
            self.contract.model_validate(dig_map(body, "spec"))
        except ValidationError as error:
            return tuple(map(_breach, error.errors(include_url=False, include_input=False)))
        return ()

    def described(self, schema: Schema, path: str = "") -> Schema:
        """The schema of a CRD, with sentences of the kind where the CRD has none of its own."""
        below = {
            name: self.described(child, f"{path}.{name}" if path else name)
            for name, child in schema.properties.items()
        }
        return replace(
            schema,
            description=schema.description or self.descriptions.get(path, ""),
            rules=tuple(map(self._worded, schema.rules)),
            properties=below,
        )

    def _worded(self, rule: CelRule) -> CelRule:
        meaning = None if rule.message else self.rules.get(rule.rule)
        return replace(rule, message=meaning.message) if meaning else rule

    def is_sensitive(self, path: FieldPath) -> bool:
        """Whether a value at this path, or a part of it, must not be shown."""
        return any(_touches(path, pattern) for pattern in self.sensitive)


def rules_of(kinds: Iterable[Kind]) -> dict[str, Rule]:
    """The rules behind every code: those of these kinds, and the program's own.

    Raises:
        ValueError: two of them claim one code.
    """
    return register(CODES, *(kind.codes for kind in kinds))


def _touches(path: FieldPath, pattern: tuple[str, ...]) -> bool:
    """A value above a sensitive one holds it, one below is part of it."""
    return all(step in ("*", str(own)) for own, step in zip(path, pattern, strict=False))


def _breach(error: ErrorDetails) -> FieldFinding:
    hint = str(error.get("ctx", {}).get("hint", ""))
    path = ("spec", *error["loc"])
    return FieldFinding(error["type"], Severity.ERROR, path, error["msg"], hint)
