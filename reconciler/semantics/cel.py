"""The only door of the CEL engine.

The engine is common-expression-language: only its extension module is loaded (the package itself
imports a whole command line), and only when a rule is to be evaluated. Its traps, and what is done
about them: a missing key is a KeyError, which the API server counts as a violation; functions that it
does not have fail only when they are reached, so they are looked for before anything is evaluated;
any other failure means "not checked", never passed.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING

from reconciler.model.document import Json

if TYPE_CHECKING:
    from cel.cel import Context, Program

OLD_SELF = "oldSelf"
_MODULE = "cel.cel"

# What the engine does as cel-go does it; anything else is not checked.
_KNOWN = frozenset(
    {
        *("!_", "-_", "_&&_", "_||_", "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "_?_:_", "@in"),
        *("_+_", "_-_", "_*_", "_/_", "_%_", "_[_]", "@not_strictly_false"),
        *(
            "size",
            "matches",
            "contains",
            "startsWith",
            "endsWith",
            "int",
            "string",
            "double",
            "dyn",
        ),
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

    __slots__ = ("_context",)

    def __init__(self, variables: Mapping[str, Json]) -> None:
        self._context: Context = _engine().Context(dict(variables))

    def evaluate(self, expression: str) -> Result:
        program = _compiled(expression)
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
        except Exception as error:  # noqa: BLE001 - whatever it is, the rule was not checked
            return Result(unknown=str(error))


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
    except Exception as error:  # noqa: BLE001 - the server compiled it, so only this engine cannot
        return f"the expression cannot be read offline: {str(error).splitlines()[0]}"
    foreign = sorted(set(program.functions()) - _KNOWN)
    return f"unknown offline: {', '.join(foreign)}" if foreign else program


_LOADING = Lock()


def _engine() -> ModuleType:
    """The extension module, loaded once: the engine cannot be loaded twice in one process, nor by two threads."""
    with _LOADING:
        return _loaded()


@cache
def _loaded() -> ModuleType:
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
