"""CEL, the language of a CRD's rules. The only user of the engine, which is common-expression-language.

Where the engine differs from cel-go, and what this module does about it:

- A missing key is a KeyError. The API server counts it as a violation; where several keys are missing, the server
  may name another one of them.
- `size` counts the bytes of a text, where CEL counts characters, and `matches` has another syntax than Go. Rules call
  functions of ours instead.
- A function that the engine does not have fails only when the evaluation reaches it. So the functions of a rule are
  checked before anything is evaluated.
- Any other failure means "not checked", never "valid".
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from reconciler.frozen import dataclass
from reconciler.model.document import Json
from reconciler.semantics.validation import patterns

if TYPE_CHECKING:
    from cel.cel import Context, Program

OLD_SELF = "oldSelf"
_LOADING = threading.Lock()

# Functions of the engine, by the name of ours that a rule calls instead.
_REPLACED = {"size": "charactersOf", "matches": "matchesInGo"}
# A string literal, or a call of one of them outside of a literal.
_LITERAL_OR_CALL = re.compile(
    r"""r?'(?:\\.|[^'\\])*'|r?"(?:\\.|[^"\\])*"|\b(size|matches)(?=\s*\()"""
)

# What the engine evaluates as cel-go does; a rule with any other function is not checked.
_KNOWN = frozenset(
    {
        *("!_", "-_", "_&&_", "_||_", "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "_?_:_", "@in"),
        *("_+_", "_-_", "_*_", "_/_", "_%_", "_[_]", "@not_strictly_false"),
        *("contains", "startsWith", "endsWith", *_REPLACED.values()),
        *("int", "string", "double", "dyn", "timestamp"),
    }
)


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one evaluation: a value, a failure that the server reports too, or neither.

    Attributes:
        failure: the failure in the server's words ("no such key: project").
        unknown: why this engine cannot evaluate the expression.
    """

    value: Json = None
    failure: str = ""
    unknown: str = ""


class Bindings:
    """The variables `self` and `oldSelf`, bound once for all rules of one place in an object."""

    __slots__ = ("_context",)

    def __init__(self, variables: Mapping[str, Any]) -> None:
        self._context: Context = _engine().Context(dict(variables))
        self._context.add_function(_REPLACED["size"], len)
        self._context.add_function(_REPLACED["matches"], _matches)

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
        except Exception as error:  # noqa: BLE001 -- whatever it is, the rule was not checked
            return Result(unknown=str(error))


def _matches(text: str, pattern: str) -> bool:
    matches = patterns.search(pattern, text)
    if matches is None:
        raise ValueError(f"the pattern {pattern} is not known offline")
    return matches


@lru_cache(maxsize=2048)
def uses_old_self(expression: str) -> bool:
    """Whether a rule compares with the object that is replaced: a transition rule."""
    program = _compiled(expression)
    return OLD_SELF in expression if isinstance(program, str) else OLD_SELF in program.variables()


@lru_cache(maxsize=2048)
def _compiled(expression: str) -> Program | str:
    """The program, or the reason why there is none."""
    ours = _LITERAL_OR_CALL.sub(lambda part: _REPLACED.get(part[1], part[0]), expression)
    try:
        program: Program = _engine().compile(ours)
    except Exception as error:  # noqa: BLE001 -- the server compiled it, so only this engine cannot
        return f"the expression cannot be read offline: {str(error).splitlines()[0]}"
    foreign = sorted(set(program.functions()) - _KNOWN)
    return f"unknown offline: {', '.join(foreign)}" if foreign else program


def _engine() -> ModuleType:
    with _LOADING:  # environments are validated in threads, and a cache lets two of them in at once
        return _loaded()


@cache
def _loaded() -> ModuleType:
    """The engine's extension module alone: its package would import a whole command line.

    Raises:
        ImportError: common-expression-language is not installed.
    """
    import logging

    package = PathFinder.find_spec("cel")
    folders = package.submodule_search_locations if package else None
    spec = PathFinder.find_spec("cel.cel", folders)
    if spec is None or spec.loader is None:
        raise ImportError("common-expression-language is not installed")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    logging.getLogger("cel").addHandler(logging.NullHandler())  # not on stderr
    return module
