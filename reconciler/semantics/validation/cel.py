"""The only door of the CEL engine.

The engine is common-expression-language: only its extension module is loaded (the package itself
imports a whole command line), and only when a rule is to be evaluated. Its traps, and what is done
about them: a missing key is a KeyError, which the API server counts as a violation; functions that it
does not have fail only when they are reached, so they are looked for before anything is evaluated; it
counts the bytes of a text where CEL counts characters, so such texts get a `size` of our own; any
other failure means "not checked", never passed. Where several keys are missing, the server may name
another one of them.
"""

from __future__ import annotations

import importlib.util
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from reconciler.model.document import Json

if TYPE_CHECKING:
    from cel.cel import Context, Program

OLD_SELF = "oldSelf"
_MODULE = "cel.cel"
_LOADING = threading.Lock()

_SIZE, _CHARACTERS = "size", "charactersOf"
# A string literal, or a call of size outside of one.
_LITERAL_OR_SIZE = re.compile(r"""r?'(?:\\.|[^'\\])*'|r?"(?:\\.|[^"\\])*"|\b(size)\s*\(""")

# What the engine does as cel-go does it; anything else is not checked.
_KNOWN = frozenset(
    {
        *("!_", "-_", "_&&_", "_||_", "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "_?_:_", "@in"),
        *("_+_", "_-_", "_*_", "_/_", "_%_", "_[_]", "@not_strictly_false"),
        *(_SIZE, _CHARACTERS, "matches", "contains", "startsWith", "endsWith"),
        *("int", "string", "double", "dyn", "timestamp"),
    }
)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one expression: a value, a failure that the server has too, or no answer.

    Attributes:
        failure: the server's words for a failed evaluation ("no such key: project").
        unknown: why this engine cannot tell.
    """

    value: Json = None
    failure: str = ""
    unknown: str = ""


class Bindings:
    """`self` (and `oldSelf`) bound once, for all rules of one place."""

    __slots__ = ("_context", "_variables", "_wide")

    def __init__(self, variables: Mapping[str, Any]) -> None:
        self._variables = dict(variables)
        self._context: Context = _engine().Context(self._variables)
        self._wide: bool | None = None  # whether there is text beyond ASCII, once asked

    def evaluate(self, expression: str) -> Result:
        program = _compiled(expression)
        if not isinstance(program, str) and _SIZE in program.functions() and self._holds_wide():
            program = _compiled(_counting_characters(expression))
        if isinstance(program, str):
            return Result(unknown=program)
        try:
            return Result(program.execute(self._context))
        except KeyError as error:
            return Result(failure=f"no such key: {error.args[0] if error.args else ''}")
        except IndexError as error:
            return Result(failure=str(error))
        except ZeroDivisionError:
            return Result(failure="division by zero")
        except Exception as error:  # noqa: BLE001 -- whatever it is, the rule was not checked
            return Result(unknown=str(error))

    def _holds_wide(self) -> bool:
        if self._wide is None:
            self._wide = _is_wide(self._variables)
            if self._wide:
                self._context.add_function(_CHARACTERS, len)
        return self._wide


def found(pattern: str, text: str) -> bool | None:
    """Whether a regular expression is found in a text, in time that grows with the text alone; None if it is none."""
    result = Bindings({"pattern": pattern, "text": text}).evaluate("text.matches(pattern)")
    return result.value if isinstance(result.value, bool) else None


def _is_wide(value: Any) -> bool:
    if isinstance(value, str):
        return not value.isascii()
    if isinstance(value, dict):
        return any(_is_wide(key) or _is_wide(item) for key, item in value.items())
    return isinstance(value, list) and any(_is_wide(item) for item in value)


@lru_cache(maxsize=256)
def _counting_characters(expression: str) -> str:
    return _LITERAL_OR_SIZE.sub(
        lambda found: f"{_CHARACTERS}(" if found[1] else found[0], expression
    )


@lru_cache(maxsize=2048)
def uses_old_self(expression: str) -> bool:
    """Whether a rule compares with the object that is replaced: a transition rule."""
    program = _compiled(expression)
    return OLD_SELF in expression if isinstance(program, str) else OLD_SELF in program.variables()


@lru_cache(maxsize=2048)
def _compiled(expression: str) -> Program | str:
    """The program; or why there is none, as text."""
    try:
        program: Program = _engine().compile(expression)
    except Exception as error:  # noqa: BLE001 -- the server compiled it, so only this engine cannot
        return f"the expression cannot be read offline: {str(error).splitlines()[0]}"
    foreign = sorted(set(program.functions()) - _KNOWN)
    return f"unknown offline: {', '.join(foreign)}" if foreign else program


def _engine() -> ModuleType:
    with _LOADING:  # environments run side by side, and a cache lets two threads in at once
        return _loaded()


@cache
def _loaded() -> ModuleType:
    """The extension module, loaded once: the engine cannot be loaded twice in one process."""
    package = importlib.util.find_spec("cel")
    for folder in (package.submodule_search_locations if package else None) or ():
        for suffix in EXTENSION_SUFFIXES:
            path = Path(folder, f"cel{suffix}")
            spec = importlib.util.spec_from_file_location(_MODULE, path) if path.exists() else None
            if spec is not None and spec.loader is not None:
                module = importlib.util.module_from_spec(spec)
                spec.loader.exec_module(module)
                return module
    raise ImportError("common-expression-language is not installed")
