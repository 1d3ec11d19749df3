"""A run without secrets: every text in it passes the masks before a format sees it.

A text is treated as one that others wrote, unless it is a name or a location. The names of the environments, of their
objects and of their Secrets stay in every text, so that a command with them works; so do names of other objects that
have a word in them, which no key has. Words of the program (states,
results, verbs) are values of enums and pass unchanged, even if a Secret has the same value: masking would tell it.
"""

from __future__ import annotations

import dataclasses
import json
import operator
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import cache
from typing import Any, Final, TypeVar

from reconciler.frozen import dataclass
from reconciler.model.difference import FieldValue
from reconciler.model.document import Json, canonical
from reconciler.model.run import EnvironmentRun, Run
from reconciler.model.secret import Fingerprint
from reconciler.model.verbs import Verb
from reconciler.ports import Redactor
from reconciler.text.foreign import MARK, holds_secret, masked_name, masked_text
from reconciler.text.keylike import is_object_name, pattern_of

T = TypeVar("T")

# Types of the model by name, so that a run imports only those that it has. A type that no table names is masked most.
# Types that consist of names and locations.
NAMES: Final = frozenset(
    {
        *("ObjectRef", "GroupKind", "Endpoint", "Location", "Revision", "ClusterIdentity"),
        *("SchemaUsed", "SecretReference", "SecretKey", "RecordedReference", "SealedSchema"),
        *("Awaited", "Invocation"),
    }
)
# Attributes of other types that are names or locations.
NAMED: Final[Mapping[str, frozenset[str]]] = {
    "Run": frozenset({"version", "started", "finished"}),
    "EnvironmentRun": frozenset(
        {"name", "exit_reasons", "plan_id", "reviewed", "unproven", "newer"}
    ),
    "EnvironmentStatus": frozenset({"name"}),
    "History": frozenset({"environment"}),
    "Forecast": frozenset({"reasons"}),
    "SealedPlan": frozenset({"version", "environment", "cluster", "only"}),
    "Opening": frozenset({"key_before"}),
    "Finding": frozenset({"code", "path"}),
}
# Attributes that are a location, which others may have written: a URL, for example.
PLACES: Final[Mapping[str, frozenset[str]]] = {"RunError": frozenset({"where"})}
# Attributes that the program computes, and whose form looks like a key.
COMPUTED: Final[Mapping[str, frozenset[str]]] = {
    "Change": frozenset({"content", "uid", "resource_version", "body"}),
    "EnvironmentRun": frozenset({"sealed"}),
    "SealedPlan": frozenset({"commit", "cluster_uid", "settings", "key_id"}),
    "SealedSchema": frozenset({"digest"}),
    "SealedObject": frozenset({"uid", "writers", "content", "stored", "live"}),
    "RecordedRotation": frozenset({"previous", "unknown"}),
    "Opening": frozenset({"time", "revision", "noticed", "gap", "gap_since", "unknown"}),
    "Closing": frozenset({"time", "how", "revision", "unknown"}),
    "Acknowledgement": frozenset({"until", "time", "revision", "unknown"}),
    "Event": frozenset({"time", "revision", "commit"}),
    "Moment": frozenset({"time", "revision", "unknown"}),
    "RecordedReference": frozenset({"since", "unknown"}),
}


def cleaned(value: T, redactor: Redactor) -> T:
    """A copy of a model value without secrets: neither registered ones nor what looks like one."""

    names = pattern_of(_names(value))

    @cache
    def foreign(text: str) -> str:
        return masked_text(redactor.clean(text), names)

    @cache
    def name(text: str) -> str:
        return masked_name(redactor.clean_name(text))

    @cache
    def place(text: str) -> str:
        return masked_text(redactor.clean_name(text), names)

    @cache
    def content(text: str) -> str:
        return _clean_content(text, foreign)

    result: T = _Cleaning(foreign, name, place, content).of(value)
    return result


def _clean_content(text: str, foreign: Callable[[str], str]) -> str:
    """JSON in which each string is cleaned by itself: one that is a registered value, however short, is masked."""

    def clean(content: Json, name: str = "") -> Json:
        if isinstance(content, dict):
            return {foreign(key): clean(child, key) for key, child in content.items()}
        if isinstance(content, list):
            return [clean(child, name) for child in content]
        if not isinstance(content, str):
            return content
        return MARK if content and holds_secret(name) else foreign(content)

    try:
        return canonical(clean(json.loads(text)))
    except ValueError:  # of a report that another version wrote
        return foreign(text)


def _names(value: object) -> Iterator[str]:
    """The names that git and the environments give, in what a command reports."""
    match value:
        case tuple():
            for each in value:
                yield from _names(each)
        case Run():
            yield from _names(value.environments)
        case EnvironmentRun():
            yield value.name
            objects = [change.ref for change in value.changes]
            for ref in (*objects, *(row.reference.secret for row in value.secrets)):
                yield from (ref.namespace, ref.name)
            yield from filter(is_object_name, _names_of_others(value))
        case _ if type(value).__name__ == "EnvironmentStatus":  # a run never loads it
            yield str(getattr(value, "name", ""))


def _names_of_others(environment: EnvironmentRun) -> Iterator[str]:
    """The names of objects that git need not have, which commands and hints repeat."""
    refs = [ref for row in environment.affected for ref in (row.root, row.consumer)]
    refs += [each.ref for each in environment.unmanaged]
    refs += [row.reference.secret for row in environment.consumer_secrets]
    for ref in refs:
        yield from (ref.namespace, ref.name)
    for each in environment.unchecked:  # `Provider in omnia`, `llm/openai`
        yield from each.name.replace("/", " ").split()


@dataclass(frozen=True, slots=True)
class _Form:
    """What is cleaned of a class.

    Attributes:
        attributes: the names of attributes, and whether each holds names.
        places: the attributes that are locations.
    """

    attributes: tuple[tuple[str, bool], ...]
    places: tuple[str, ...]


def _form(kind: type[Any]) -> _Form:
    """What is cleaned of a dataclass; worked out once for each."""
    form = _FORMS.get(kind)
    if form is None:
        attributes = tuple(f.name for f in dataclasses.fields(kind) if f.init)
        form = _FORMS[kind] = _form_of(kind.__name__, attributes)
    return form


_FORMS: Final[dict[type[Any], _Form]] = {}


def _form_of(name: str, attributes: tuple[str, ...]) -> _Form:
    names, places = NAMED.get(name, frozenset()), tuple(PLACES.get(name, ()))
    left = COMPUTED.get(name, frozenset()) | frozenset(places)
    holds_names = name in NAMES
    cleaned = tuple((each, holds_names or each in names) for each in attributes if each not in left)
    return _Form(cleaned, places)


@cache
def _has_texts(kind: type[Any]) -> bool:
    """Whether values of a type are cleaned attribute by attribute."""
    return dataclasses.is_dataclass(kind) and not issubclass(kind, (Enum, Verb, Fingerprint))


@dataclass(frozen=True, slots=True)
class _Cleaning:
    """Cleans texts that others wrote, names, locations that others wrote, and values of fields, which are JSON."""

    foreign: Callable[[str], str]
    name: Callable[[str], str]
    place: Callable[[str], str]
    content: Callable[[str], str]

    def of(self, value: Any, *, named: bool = False) -> Any:
        if type(value) is str:  # not a member of a StrEnum, which stays as it is
            return self.name(value) if named else self.foreign(value)
        if type(value) is tuple:
            parts = tuple([self.of(each, named=named) for each in value]) if value else value
            same = all(map(operator.is_, parts, value))
            return value if same else parts
        if type(value) is FieldValue:
            return self._field_value(value)
        if _has_texts(type(value)):  # type: ignore[arg-type]  # a type has an identity
            return self._attributes(value, named=named)
        return value

    def _attributes(self, value: Any, *, named: bool) -> Any:
        """Most values have no secret, and are not copied."""
        form = _form(type(value))
        changes = {}
        for attribute, holds_name in form.attributes:
            before = getattr(value, attribute)
            after = self.of(before, named=named or holds_name)
            if after is not before:
                changes[attribute] = after
        for place in form.places:
            changes[place] = self.place(getattr(value, place))
        return dataclasses.replace(value, **changes) if changes else value

    def _field_value(self, value: FieldValue) -> FieldValue:
        if value.text is None or value.masked:
            return value
        text = self.content(value.text)
        return value if text == value.text else FieldValue(text)
