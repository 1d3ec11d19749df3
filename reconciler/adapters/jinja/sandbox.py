"""The Jinja environment: an immutable sandbox with strict undefined values and deterministic filters only."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jinja2 import DictLoader, StrictUndefined, TemplateSyntaxError, Undefined, nodes
from jinja2.exceptions import UndefinedError
from jinja2.filters import do_indent, do_trim
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from markupsafe import soft_str

from reconciler.adapters.jinja import pieces
from reconciler.adapters.jinja.finding import RenderingError
from reconciler.adapters.jinja.instrument import Instrumentation
from reconciler.adapters.jinja.pieces import NOWHERE, PLAIN, QUOTED, AnnotatedText, Piece
from reconciler.adapters.jinja.quoting import refuse_address, tojson, toyaml
from reconciler.adapters.jinja.values import Reads, TrackedList, TrackedMapping, path_of
from reconciler.model.location import Location

# Message and hint for `{{ x if y }}` when y is false.
NO_ELSE = ("there is no value when the condition is false", "add `else` and a value")
_GLOBALS = ("range", "dict", "namespace", "joiner", "cycler")
_REMOVED_FILTERS = (
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


class MissingNameError(UndefinedError):
    """A name or a key does not exist; `obj` is where `name` was looked up."""

    def __init__(self, message: str | None = None, *, obj: Any = missing, name: Any = None) -> None:
        super().__init__(message)
        self.obj, self.name = obj, name


class MissingName(StrictUndefined):
    """A strict undefined value that raises `MissingNameError`."""

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,
        name: str | None = None,
        exc: type[Exception] = UndefinedError,
    ) -> None:
        if exc is UndefinedError:
            exc = functools.partial(MissingNameError, obj=obj, name=name)  # type: ignore[assignment]  # called like a class
        super().__init__(hint, obj, name, exc)  # type: ignore[arg-type]  # the library only calls it


class Sandbox(ImmutableSandboxedEnvironment):
    """Renders templates into annotated text, and tracks which values each expression reads."""

    intercepted_binops = frozenset({"*", "**"})

    def __init__(self, sources: Mapping[str, str], limit: int) -> None:
        super().__init__(
            loader=DictLoader(sources),
            undefined=MissingName,
            autoescape=False,
            keep_trailing_newline=True,
            optimized=False,  # constant folding would run without the limits of the template
            cache_size=-1,
        )
        self.instrumentation, self.reads = Instrumentation(), Reads()
        self.current: int | None = None  # number of the expression that is evaluated now
        self._limit, self._sources = limit, sources
        self.globals = {name: self.globals[name] for name in _GLOBALS}
        for name in _REMOVED_FILTERS:
            self.filters.pop(name, None)
        self.filters |= {
            "tojson": tojson,
            "toyaml": toyaml,
            "indent": _indent,
            "trim": _trim,
            "string": _string,
        }

    def concat(self, parts: Iterable[str]) -> AnnotatedText:
        """Jinja joins the chunks of macros, blocks and `{% set %}...{% endset %}` with this."""
        joined: list[Piece] = []
        size = 0
        for part in parts:
            size += len(part)
            self.check(size)
            joined += pieces.pieces_of(part)
        return AnnotatedText(joined)

    def check(self, size: int, location: Location = NOWHERE) -> None:
        """
        Raises:
            RenderingError: J007, the output is larger than the limit.
        """
        if size > self._limit:
            message = f"more than {self._limit} characters of output"
            hint = "render less, or split the template"
            raise RenderingError("J007", message, hint, location)

    def join_path(self, template: str, parent: str) -> str:
        """Resolves a name as it is, below `templates/`, or beside the template that includes it."""
        folder = parent.rpartition("/")[0]
        for path in (template, f"templates/{template}", f"{folder}/{template}"):
            if path in self._sources:
                return path
        return template

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A key of the values takes precedence over a method: `values.items` may be a key."""
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        size = 0
        if operator == "**" and not (_is_small(left, 2**64) and _is_small(right, 64)):
            size = self._limit + 1
        elif operator == "*":
            size = _product_size(left, right)
        if size > self._limit:
            raise RenderingError("J007", f"the result of `{operator}` is too large for a template")
        return super().call_binop(context, operator, left, right)

    def source(self, template: str) -> str:
        return self._sources.get(template, "")

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        try:
            tree = super()._parse(source, name, filename)
        except TemplateSyntaxError as error:
            error.name = error.name or name  # the lexer omits it for a token that is never closed
            raise
        self.instrumentation.apply(tree, self.lexer, source, name or "")
        return tree

    # Compiled templates call these methods, see `instrument`.

    def literal(self, number: int) -> AnnotatedText:
        return self.instrumentation.literals[number]

    def begin_expression(self, number: int) -> None:
        self.reads.begin()
        self.current = number

    def end_expression(self, _: None, value: Any, number: int) -> AnnotatedText:
        """The text of an expression with its origin."""
        self.current = number
        location = self.instrumentation.expressions[number]
        return pieces.with_origin(_text_of(value), location, self.reads.end())


def _text_of(value: Any) -> AnnotatedText:
    if isinstance(value, AnnotatedText):
        return value
    path = path_of(value)
    reads = (path,) if path else ()
    if isinstance(value, StrictUndefined):
        str(value)  # raises
    if isinstance(value, Undefined):  # Jinja makes one for an `if` without `else`
        raise RenderingError("J002", *NO_ELSE)
    if isinstance(value, str):
        refuse_address(value)
        return AnnotatedText((Piece(str.__str__(value), NOWHERE, PLAIN, reads),))
    if isinstance(value, bool | int | float):
        return AnnotatedText((Piece(_number(value), NOWHERE, QUOTED, reads),))
    if value is None:
        hint = "use `| tojson`, or `| default(...)`"
        raise RenderingError("J012", "null cannot be written without a filter", hint)
    if isinstance(value, Mapping | Sequence):
        kind = "mapping" if isinstance(value, Mapping) else "list"
        hint = "use `| tojson`, or `| toyaml(n)` for a block indented by n"
        raise RenderingError("J012", f"a {kind} cannot be written without a filter", hint)
    hint = "call it, or use one of its fields"
    raise RenderingError("J012", "this is not a value that can be written", hint)


def _number(value: float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return int.__repr__(value) if isinstance(value, int) else float.__repr__(value)


def _is_small(value: Any, limit: int) -> bool:
    return isinstance(value, int | float) and abs(value) <= limit


def _product_size(left: Any, right: Any) -> int:
    """The length of a repeated text or list, or the digits of a product."""
    for sequence, times in ((left, right), (right, left)):
        if isinstance(sequence, str | list | tuple | TrackedList) and isinstance(times, int):
            return len(sequence) * max(times, 0)
    if isinstance(left, int) and isinstance(right, int):
        return (left.bit_length() + right.bit_length()) // 3
    return 0


def _string(value: Any) -> str:
    """Jinja's filter. It refuses an address at once, before the template cuts a part out of the text."""
    text = soft_str(value)
    refuse_address(text)
    return text


def _indent(s: str, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
    """Jinja's filter, which keeps the pieces of annotated text."""
    if isinstance(s, AnnotatedText):
        pad = width if isinstance(width, str) else " " * width
        return pieces.indent(s, pad, first=first, blank=blank)
    return do_indent(s, width, first, blank)


def _trim(value: str, chars: str | None = None) -> str:
    """Jinja's filter, which keeps the pieces of annotated text."""
    if isinstance(value, AnnotatedText) and chars is None:
        return pieces.trim(value)
    return do_trim(value, chars)


def known_keys(obj: Any) -> tuple[str, ...]:
    return tuple(str(key) for key in obj) if isinstance(obj, TrackedMapping | dict) else ()
