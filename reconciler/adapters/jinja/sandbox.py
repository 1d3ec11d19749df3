"""The Jinja environment: immutable sandbox, strict undefined, nothing that is not deterministic."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jinja2 import (
    BaseLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    Undefined,
    nodes,
)
from jinja2.exceptions import UndefinedError
from jinja2.filters import do_indent, do_trim
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from reconciler.adapters.jinja import woven
from reconciler.adapters.jinja.positions import Marks
from reconciler.adapters.jinja.quoting import tojson, toyaml
from reconciler.adapters.jinja.values import Keyed, Listed, Reads, path_of
from reconciler.adapters.jinja.woven import PLAIN, QUOTED, Piece, Place, Woven

# Of `{{ x if y }}`: message and hint.
NOTHING_ELSE = ("nothing stands here when the condition is false", "write `else` and a value")
_GLOBALS = ("range", "dict", "namespace", "joiner", "cycler")
_NO_FILTERS = (
    "random",
    "attr",
    "pprint",
    "urlize",
    "xmlattr",
    "escape",
    "e",
    "forceescape",
    "safe",
)


class Refusal(Exception):
    """What this program refuses, beyond what Jinja does."""

    def __init__(
        self, code: str, message: str, hint: str = "", place: Place = woven.NOWHERE
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint
        self.place = place  # where the traceback does not say


class MissingValue(UndefinedError):
    """A name or a key that is not there, with what is."""

    def __init__(self, message: str | None = None, *, obj: Any = missing, name: Any = None) -> None:
        super().__init__(message)
        self.obj, self.name = obj, name


class Missing(StrictUndefined):
    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,
        name: str | None = None,
        exc: type[Exception] = UndefinedError,
    ) -> None:
        if exc is UndefinedError:
            exc = functools.partial(MissingValue, obj=obj, name=name)  # type: ignore[assignment]  # called like a class
        super().__init__(hint, obj, name, exc)  # type: ignore[arg-type]  # the library calls it, and nothing else


class Sources(BaseLoader):
    """Templates from a mapping, and from nowhere else."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.sources = sources

    def get_source(self, environment: Any, template: str) -> tuple[str, str | None, Any]:  # noqa: ARG002 -- the library's signature
        if template not in self.sources:
            raise TemplateNotFound(template)
        return self.sources[template], None, None

    def list_templates(self) -> list[str]:
        return sorted(self.sources)


class Sandbox(ImmutableSandboxedEnvironment):
    """Renders templates whose text remembers its origin; `marks` and `reads` are what that takes."""

    intercepted_binops = frozenset({"*", "**"})

    def __init__(self, sources: Mapping[str, str], limit: int) -> None:
        super().__init__(
            loader=Sources(sources),
            undefined=Missing,
            autoescape=False,
            keep_trailing_newline=True,
            optimized=False,  # nothing is computed before the limits of its template hold
            cache_size=-1,
        )
        self.marks, self.reads = Marks(), Reads()
        self.current: int | None = None  # the expression that is evaluated now
        self._limit, self._sources = limit, sources
        self.globals = {name: self.globals[name] for name in _GLOBALS}
        for name in _NO_FILTERS:
            self.filters.pop(name, None)
        self.filters |= {"tojson": tojson, "toyaml": toyaml, "indent": _indent, "trim": _trim}

    def concat(self, parts: Iterable[str]) -> Woven:
        """What macros, blocks and `{% set %}...{% endset %}` make of their chunks."""
        pieces: list[Piece] = []
        size = 0
        for part in parts:
            size += len(part)
            self.check(size)
            pieces += woven.pieces_of(part)
        return Woven(pieces)

    def check(self, size: int, place: Place = woven.NOWHERE) -> None:
        """
        Raises:
            Refusal: the template has put out too much.
        """
        if size > self._limit:
            message = f"more than {self._limit} characters of output"
            raise Refusal("J007", message, "render less, or in several templates", place)

    def join_path(self, template: str, parent: str) -> str:
        """A name as it is, below `templates/`, or beside the template that names it."""
        folder = parent.rpartition("/")[0]
        for path in (template, f"templates/{template}", f"{folder}/{template}"):
            if path in self._sources:
                return path
        return template

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A key of the values wins over a method: `values.items` may be a key."""
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        size = 0
        if operator == "**" and not (_small(left, 2**64) and _small(right, 64)):
            size = self._limit + 1
        elif operator == "*":
            size = _repeated(left, right)
        if size > self._limit:
            raise Refusal("J007", f"`{operator}` makes more than a template may hold")
        return super().call_binop(context, operator, left, right)

    def source(self, template: str) -> str:
        return self._sources.get(template, "")

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        try:
            tree = super()._parse(source, name, filename)
        except TemplateSyntaxError as error:
            error.name = error.name or name  # the lexer leaves it out for what never ends
            raise
        self.marks.apply(tree, self.lexer, source, name or "")
        return tree

    # Called by compiled templates, see `positions`.

    def literal(self, number: int) -> Woven:
        return self.marks.literals[number]

    def reading(self, number: int) -> None:
        self.reads.begin()
        self.current = number

    def written(self, _: None, value: Any, number: int) -> Woven:
        """The text of an expression."""
        self.current = number
        text = _text_of(value)
        return woven.place(text, self.marks.expressions[number], self.reads.end())


def _text_of(value: Any) -> Woven:
    if isinstance(value, Woven):
        return value
    path = path_of(value)
    reads = (path,) if path else ()
    if isinstance(value, StrictUndefined):
        str(value)  # raises
    if isinstance(value, Undefined):  # of Jinja's own making, which would write nothing
        raise Refusal("J002", *NOTHING_ELSE)
    if isinstance(value, str):
        return Woven((Piece(str.__str__(value), woven.NOWHERE, PLAIN, reads),))
    if isinstance(value, bool | int | float):
        return Woven((Piece(_number(value), woven.NOWHERE, QUOTED, reads),))
    hint = "use `| tojson`, or `| toyaml(n)` for a block indented by n"
    if value is None:
        raise Refusal(
            "J012", "null cannot be written as it is", "use `| tojson`, or `| default(...)`"
        )
    if isinstance(value, Mapping):
        raise Refusal("J012", "a mapping cannot be written as it is", hint)
    if isinstance(value, Sequence):
        raise Refusal("J012", "a list cannot be written as it is", hint)
    raise Refusal(
        "J012", "this is no value that can be written", "call it, or name one of its fields"
    )


def _number(value: float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return int.__repr__(value) if isinstance(value, int) else float.__repr__(value)


def _small(value: Any, limit: int) -> bool:
    return isinstance(value, int | float) and abs(value) <= limit


def _repeated(left: Any, right: Any) -> int:
    """How long a text or list becomes when it is repeated; for numbers, their digits."""
    for whole, times in ((left, right), (right, left)):
        if isinstance(whole, str | list | tuple | Listed) and isinstance(times, int):
            return len(whole) * max(times, 0)
    if isinstance(left, int) and isinstance(right, int):
        return (left.bit_length() + right.bit_length()) // 3
    return 0


def _indent(s: str, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
    """Jinja's, which keeps the origin of macro output."""
    if isinstance(s, Woven):
        pad = width if isinstance(width, str) else " " * width
        return woven.indent(s, pad, first=first, blank=blank)
    return do_indent(s, width, first, blank)


def _trim(value: str, chars: str | None = None) -> str:
    if isinstance(value, Woven) and chars is None:
        return woven.trim(value)
    return do_trim(value, chars)


def known_keys(obj: Any) -> tuple[str, ...]:
    return tuple(str(key) for key in obj) if isinstance(obj, Keyed | dict) else ()
