"""Model values to JSON and back.

A key is the name of its attribute in camelCase, or the `key` in the metadata of an attribute that has been renamed.
Every key is always written. The published schema lists the keys, so a renamed attribute fails a test and does not
silently change the interface.

Reports of other versions can be read: an unknown key is ignored, and a missing key gets the default of its attribute.
An unknown value of an enum (a state, a verb) is an error, even if the attribute has a default, since the default could
be false: "not rotated", for example, instead of a new type of rotation.
"""

from __future__ import annotations

import dataclasses
import json
import re
import types
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from enum import Enum
from functools import cache
from typing import Any, Final, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from reconciler.model.change import Change
from reconciler.model.command import Invocation
from reconciler.model.difference import ABSENT, REDACTED, FieldValue, IgnoredField
from reconciler.model.document import Json, JsonObject, is_deep
from reconciler.model.record import RecordedReference
from reconciler.model.record.rotations import (
    Acknowledgement,
    Closing,
    Moment,
    Opening,
    RecordedRotation,
)
from reconciler.model.run import ClusterIdentity, EnvironmentRun, Run
from reconciler.model.secret import Fingerprint, SecretReading, SecretReference
from reconciler.model.unchecked import Unchecked
from reconciler.model.verbs import VERBS, Verb

T = TypeVar("T")

# Attributes that only apply needs; a body contains unmasked values.
HIDDEN: Final[dict[type, frozenset[str]]] = {
    Change: frozenset({"body", "uid", "resource_version", "remove", "adoption"}),
    IgnoredField: frozenset({"rule", "withheld"}),
    EnvironmentRun: frozenset({"sealed", "requests"}),  # requests are in `run`: they differ
    Run: frozenset({"differences"}),
    ClusterIdentity: frozenset({"options"}),
    Invocation: frozenset({"kubeconfig", "insecure_skip_tls_verify", "access"}),
    RecordedRotation: frozenset({"unknown"}),
    Opening: frozenset({"unknown"}),
    Closing: frozenset({"unknown"}),
    Acknowledgement: frozenset({"unknown"}),
    Moment: frozenset({"unknown"}),
    RecordedReference: frozenset({"unknown"}),
    SecretReading: frozenset({"labels", "likeness", "owner"}),
    SecretReference: frozenset({"path"}),  # the report has its `text`
    Unchecked: frozenset({"elsewhere"}),
}


_PARSERS: Final[dict[type, Callable[[str], Any]]] = {
    Fingerprint: Fingerprint.parse,
    Verb: VERBS.get,
}


_WORD: Final = re.compile(r"[a-z]{1,20}(-[a-z]{1,20}){0,3}|[0-9]{1,3}")


# Types that the module of an attribute imports only for type checkers, so that a run without them starts sooner.
_LATE: Final = {"RecordedRotation": RecordedRotation}


_TYPE_NAMES: Final = {str: "a string", int: "a whole number", bool: "true or false"}


class DecodeError(ValueError):
    """A JSON value does not match its type. The message has the path, and of the value at most a plain word."""


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def encode(value: object) -> Json:
    """The JSON of a model value."""
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | str():
            return value
        case tuple():
            return [encode(each) for each in value]
        case Fingerprint() | Verb():
            return str(value)
        case FieldValue(text=text, masked=masked):
            return None if text is None else {"value": _plain(text), "masked": masked}
        case _ if dataclasses.is_dataclass(value):
            return {
                key: encode(getattr(value, name))
                for name, key in _shown(cast(type, type(value))).items()
            }
    raise TypeError(f"a report holds no {type(value).__name__}")


def _plain(text: str) -> Json:
    """The value of canonical JSON, or the text itself if it is no longer JSON after redaction."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def decode(expected: type[T], value: Json, at: str = "report") -> T:
    """The model value in the JSON that `encode` wrote, without hidden attributes.

    Raises:
        DecodeError: a required key is missing, or a value has another type or is unknown.
    """
    return cast(T, _decode(expected, value, at))


def _decode(expected: Any, value: Json, at: str) -> Any:
    origin = get_origin(expected)
    if origin in (Union, types.UnionType):
        return _decode_union(get_args(expected), value, at)
    if origin is tuple:
        if not isinstance(value, list):
            raise DecodeError(f"{at} is not a list")
        return tuple(
            _decode(get_args(expected)[0], each, f"{at}[{n}]") for n, each in enumerate(value)
        )
    if expected is FieldValue:
        return _field_value(value, at)
    if parse := _PARSERS.get(expected):
        parsed = parse(value) if isinstance(value, str) else None
        if parsed is None:
            raise _unknown(expected, value, at)
        return parsed
    if dataclasses.is_dataclass(expected):
        return _decode_fields(cast(type, expected), value, at)
    return _decode_scalar(expected, value, at)


def _decode_union(choices: tuple[Any, ...], value: Json, at: str) -> Any:
    if value is None and types.NoneType in choices:
        return None
    real = [choice for choice in choices if choice is not types.NoneType]
    for choice in real[:-1]:
        if type(value) is choice:
            return value
    return _decode(real[-1], value, at)


def _decode_scalar(expected: Any, value: Json, at: str) -> Any:
    if issubclass(expected, Enum):
        known = {type(each.value)(each.value): each for each in expected}
        if type(value) not in (str, int) or value not in known:
            raise _unknown(expected, value, at)
        return known[value]
    if type(value) is not expected:
        raise DecodeError(f"{at} is not {_TYPE_NAMES[expected]}")
    return value


def _unknown(expected: type, value: Json, at: str) -> DecodeError:
    word = f", but {value}" if _WORD.fullmatch(str(value)) else ""
    return DecodeError(f"{at} is not a known {expected.__name__}{word}")


def _decode_fields(expected: type, value: Json, at: str) -> Any:
    shown, hints = _shown(expected), _hints(expected)
    body = _object(value, _required(expected), at)
    return expected(
        **{
            name: _decode(hints[name], body[key], f"{at}.{key}")
            for name, key in shown.items()
            if key in body
        }
    )


@cache  # a report has thousands of values of a few types
def _hints(of: type) -> dict[str, Any]:
    return get_type_hints(of, localns=_LATE)


@cache
def _required(of: type) -> frozenset[str]:
    """The keys without which a value of the type cannot be read."""
    shown = _shown(of)
    return frozenset(
        shown[f.name]
        for f in dataclasses.fields(of)
        if f.name in shown
        and f.default is dataclasses.MISSING
        and f.default_factory is dataclasses.MISSING
    )


def _field_value(value: Json, at: str) -> FieldValue:
    if value is None:
        return ABSENT
    body = _object(value, {"value", "masked"}, at)
    if body["masked"] is True:
        return REDACTED
    if is_deep(body["value"]):
        raise DecodeError(f"{at}.value is nested too deeply")
    return FieldValue.of(body["value"])


def _object(value: Json, required: AbstractSet[str], at: str) -> JsonObject:
    if not isinstance(value, dict):
        raise DecodeError(f"{at} is not an object")
    if missing := sorted(required - value.keys()):
        raise DecodeError(f"{at} has no {missing[0]}")
    return value


@cache
def _shown(of: type) -> dict[str, str]:
    """The keys of the attributes that a report contains, by attribute."""
    hidden = HIDDEN.get(of, frozenset())
    return {
        f.name: f.metadata.get("key", camel(f.name))
        for f in dataclasses.fields(of)
        if f.name not in hidden
    }
