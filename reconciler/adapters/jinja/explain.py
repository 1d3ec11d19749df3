"""Explains an exception of a template. No message contains the text of an object: it could be a secret."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from jinja2 import TemplateNotFound, TemplateSyntaxError
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.sandbox import MAX_RANGE
from jinja2.utils import missing

from reconciler.adapters.jinja.finding import OutOfTime, RenderingError, TemplateFinding
from reconciler.adapters.jinja.pieces import Path
from reconciler.adapters.jinja.sandbox import NO_ELSE, MissingNameError, Sandbox, known_keys
from reconciler.adapters.jinja.syntax import explain_syntax
from reconciler.adapters.jinja.values import TrackedMapping, path_of
from reconciler.text.suggest import did_you_mean, one_of

_QUOTED = re.compile(r"'([^']*)'")


def explain(error: BaseException, sandbox: Sandbox) -> TemplateFinding:
    """The finding for an exception; only that for a syntax error has a location."""
    match error:
        case MissingNameError():
            return _missing_name(error)
        case SecurityError():
            return _unsafe(error)
        case TemplateSyntaxError():
            return explain_syntax(error, sandbox)
        case TemplateNotFound():
            return _not_found(error, sandbox)
        case RenderingError():
            return TemplateFinding(error.code, error.message, error.hint)
    return _limit(error) or _failed_expression(error)


def _limit(error: BaseException) -> TemplateFinding | None:
    match error:
        case OutOfTime():
            return TemplateFinding(
                "J005", "the template takes too long", "look for a loop that is too large"
            )
        case MemoryError():
            hint = "look for a string or a list that grows without limit"
            return TemplateFinding("J006", "the template needs too much memory", hint)
        case RecursionError():
            return TemplateFinding("J008", "templates or macros call each other endlessly")
        case OverflowError() if "MAX_RANGE" in str(error):
            return TemplateFinding("J005", f"a range of more than {MAX_RANGE} steps", word="range")
    return None


def _missing_name(error: MissingNameError) -> TemplateFinding:
    name = str(error.name) if error.name is not None else ""
    if error.obj is missing:
        if error.message and "does not export" in error.message:
            message = f"the imported template has no `{name}`"
            return TemplateFinding("J002", message, word=name)
        hint = did_you_mean(name, ("values", "environment"))
        hint = hint or "templates see `values` and `environment`"
        return TemplateFinding("J002", f"`{name}` is not defined", hint, name)
    path, keys = path_of(error.obj) or (), known_keys(error.obj)
    in_values = isinstance(error.obj, TrackedMapping)
    if path and not in_values:
        return _not_a_mapping(path, name)
    finding = missing_member(path, keys, name, of_values=in_values or bool(keys))
    return replace(finding, missing=(*path, name)) if in_values else finding


def _not_a_mapping(path: Path, name: str) -> TemplateFinding:
    """The finding for a key of a list or a scalar of the values; where that is set is not known here."""
    owner = ".".join(("values", *map(str, path)))
    message = f"`{owner}` is not a mapping, so it has no `{name}`"
    return TemplateFinding("J002", message, "", name, member=True, mapping=path)


def missing_member(
    mapping: Path, keys: Iterable[str], name: str, *, of_values: bool = True
) -> TemplateFinding:
    """The finding for a key that does not exist, with a hint to those that do."""
    keys = tuple(keys)
    owner = ".".join(("values", *map(str, mapping))) if of_values else "this value"
    hint = did_you_mean(name, keys) or (f"it has {one_of(keys)}" if keys else "")
    if of_values and not keys:
        hint = f"set `{'.'.join((*map(str, mapping), name))}` in a values file of the environment"
    message = f"`{owner}` has no `{name}`"
    return TemplateFinding("J002", message, hint, name, member=True, mapping=mapping)


def _unsafe(error: SecurityError) -> TemplateFinding:
    """Takes only a name from Jinja's message, which may contain the representation of an object."""
    text = error.message or ""
    attribute = _QUOTED.search(text)
    if attribute and "attribute" in text:
        message = f"the attribute `{attribute[1]}` is not accessible in templates"
        return TemplateFinding("J004", message, word=attribute[1])
    return TemplateFinding("J004", "this call is not allowed in templates")


def _not_found(error: TemplateNotFound, sandbox: Sandbox) -> TemplateFinding:
    name = str(error.name or "")
    known = sandbox.list_templates()
    hint = did_you_mean(name, [*known, *(path.removeprefix("templates/") for path in known)])
    return TemplateFinding("J003", f"there is no template `{name}`", hint, name)


def _failed_expression(error: BaseException) -> TemplateFinding:
    if isinstance(error, UndefinedError) and "inline if" in str(error):
        return TemplateFinding("J002", *NO_ELSE)
    return TemplateFinding("J009", f"the expression failed: {_cause(error)}")


def _cause(error: BaseException) -> str:
    """What failed, without the values."""
    if isinstance(error, TypeError):
        return "wrong arguments" if "argument" in str(error) else "values of the wrong type"
    causes = {
        ZeroDivisionError: "division by zero",
        KeyError: "no such key",
        IndexError: "no such element",
    }
    return next(
        (text for kind, text in causes.items() if isinstance(error, kind)), type(error).__name__
    )
