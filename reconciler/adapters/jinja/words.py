"""An exception of a template in plain words. No message holds the text of an object: it could be a secret."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from jinja2 import TemplateNotFound, TemplateSyntaxError
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.sandbox import MAX_RANGE
from jinja2.utils import missing

from reconciler.adapters.jinja.quoting import Unwritable
from reconciler.adapters.jinja.sandbox import (
    NOTHING_ELSE,
    MissingValue,
    Refusal,
    Sandbox,
    known_keys,
)
from reconciler.adapters.jinja.syntax import unread
from reconciler.adapters.jinja.values import Keyed, path_of
from reconciler.adapters.jinja.woven import Path, Place
from reconciler.text.suggest import did_you_mean, one_of

_QUOTED = re.compile(r"'([^']*)'")


class OutOfTime(BaseException):
    """The time of a template is over; no template can catch it."""


@dataclass(frozen=True, slots=True)
class Words:
    """What to say of an exception.

    Attributes:
        word: what to point at on the line; `member` when it stands behind a dot, or in brackets or quotes.
        values: path of the mapping that was looked into; `wanted` that of the key that is not there.
        place: where to point at, when that is known.
    """

    code: str
    message: str
    hint: str = ""
    word: str = ""
    values: Path = ()
    wanted: Path = ()
    member: bool = False
    place: Place | None = None


def words(error: BaseException, sandbox: Sandbox) -> Words:
    """Code, message and hint of an exception."""
    match error:
        case MissingValue():
            return _undefined(error)
        case SecurityError():
            return _unsafe(error)
        case TemplateSyntaxError():
            return _syntax(error, sandbox)
        case TemplateNotFound():
            return _not_found(error, sandbox)
    if isinstance(error, UndefinedError) and "inline if" in str(error):
        return Words("J002", *NOTHING_ELSE)
    return (
        _refused(error) or _limit(error) or Words("J009", f"the expression failed: {_cause(error)}")
    )


def _refused(error: BaseException) -> Words | None:
    if isinstance(error, Refusal):
        return Words(error.code, error.message, error.hint)
    return Words("J012", str(error)) if isinstance(error, Unwritable) else None


def _limit(error: BaseException) -> Words | None:
    match error:
        case OutOfTime():
            return Words("J005", "takes too long", "look for a loop that is too large")
        case MemoryError():
            hint = "look for a text or a list that grows without end"
            return Words("J006", "needs too much memory", hint)
        case RecursionError():
            return Words("J008", "templates or macros call each other without end")
        case OverflowError() if "MAX_RANGE" in str(error):
            return Words("J005", f"a range of more than {MAX_RANGE} steps", "", "range")
    return None


def _undefined(error: MissingValue) -> Words:
    name = str(error.name) if error.name is not None else ""
    if error.obj is missing:
        if error.message and "does not export" in error.message:
            return Words("J002", f"the imported template has no `{name}`", "", name)
        hint = did_you_mean(name, ("values", "environment"))
        hint = hint or "templates see `values` and `environment`"
        return Words("J002", f"`{name}` is not defined", hint, name)
    path, keys = path_of(error.obj) or (), known_keys(error.obj)
    said = missing_member(path, keys, name, of_values=bool(path or keys))
    return replace(said, wanted=(*path, name)) if isinstance(error.obj, Keyed) else said


def missing_member(path: Path, keys: Iterable[str], name: str, *, of_values: bool = True) -> Words:
    """A key that is not there, beside those that are."""
    keys = tuple(keys)
    owner = ".".join(("values", *map(str, path))) if of_values else "this value"
    hint = did_you_mean(name, keys) or (f"it has {one_of(keys)}" if keys else "")
    return Words("J002", f"`{owner}` has no `{name}`", hint, name, path, member=True)


def _unsafe(error: SecurityError) -> Words:
    """Jinja's text may hold the representation of an object; only a name is taken from it."""
    text = error.message or ""
    attribute = _QUOTED.search(text)
    if attribute and "attribute" in text:
        message = f"the attribute `{attribute[1]}` is not accessible in templates"
        return Words("J004", message, "", attribute[1])
    return Words("J004", "this call is not allowed in templates")


def _syntax(error: TemplateSyntaxError, sandbox: Sandbox) -> Words:
    found = unread(error, sandbox)
    return Words("J001", found.message, found.hint, found.word, place=found.place)


def _not_found(error: TemplateNotFound, sandbox: Sandbox) -> Words:
    name = str(error.name or "")
    known = sandbox.list_templates()
    hint = did_you_mean(name, [*known, *(path.removeprefix("templates/") for path in known)])
    return Words("J003", f"there is no template `{name}`", hint, name)


def _cause(error: BaseException) -> str:
    """What failed, without the values that it failed with."""
    if isinstance(error, TypeError):
        return "wrong arguments" if "argument" in str(error) else "values of the wrong type"
    known = {
        ZeroDivisionError: "division by zero",
        KeyError: "no such key",
        IndexError: "no such element",
    }
    return next(
        (text for kind, text in known.items() if isinstance(error, kind)), type(error).__name__
    )
