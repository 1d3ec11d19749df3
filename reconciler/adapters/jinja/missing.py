"""Further missing values of a template that failed: Jinja stops at the first one.

It reports only what is certain. It looks at constant chains such as `values.a.b` that every rendering evaluates once
the other findings are fixed: not in a branch or a macro, and in a loop only over values that exist. An undefined value
must be an error there: not in `default`, `is defined`, `set` or an argument. It looks them up without rendering.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from jinja2 import nodes
from jinja2.parser import Parser

from reconciler.adapters.jinja.finding import TemplateFinding
from reconciler.adapters.jinja.locate import missing_value
from reconciler.adapters.jinja.pieces import Path
from reconciler.adapters.jinja.sandbox import Sandbox
from reconciler.adapters.jinja.values import TrackedMapping
from reconciler.model.location import Location
from reconciler.model.path import at

_Scope: TypeAlias = Mapping[str, tuple[Path, ...]]  # name of a variable -> paths that it stands for

# Type of a node -> its fields that are always evaluated, and whether an undefined value is an error in them.
_EVALUATED: dict[type, tuple[tuple[str, bool], ...]] = {
    nodes.Template: (("body", False),),
    nodes.Block: (("body", False),),
    nodes.Scope: (("body", False),),
    nodes.FilterBlock: (("body", False),),
    nodes.With: (("values", False), ("body", False)),
    nodes.CallBlock: (("call", True),),
    nodes.Output: (("nodes", True),),
    nodes.Assign: (("node", False),),
    nodes.For: (("iter", True),),
    nodes.If: (("test", True),),
    nodes.CondExpr: (("test", True),),
    nodes.And: (("left", True),),
    nodes.Or: (("left", True),),
    nodes.BinExpr: (("left", True), ("right", True)),
    nodes.UnaryExpr: (("node", True),),
    nodes.Concat: (("nodes", True),),
    nodes.Compare: (("expr", True),),
    nodes.Filter: (("node", True), ("args", False)),
    nodes.Test: (("node", False),),
    nodes.Getattr: (("node", True),),
    nodes.Getitem: (("node", True),),
    nodes.Call: (("node", True), ("args", False)),
}


def further_missing_values(
    sandbox: Sandbox, name: str, values: Mapping[str, Any], first: TemplateFinding
) -> Iterator[TemplateFinding]:
    """A finding for each missing value besides the first, with its line."""
    tree = Parser(sandbox, sandbox.source(name), name, None).parse()
    if _is_unpredictable(tree):
        return
    location = first.location
    reported = {(location.path, location.line, *first.missing)} if location else set()
    for line, path, strict in _lookups(tree, values, {"values": ((),)}, strict=False):
        missing = _missing_part(path, values)
        if not missing or not (strict or len(missing) < len(path)):
            continue
        if (name, line, *missing) not in reported:
            reported.add((name, line, *missing))
            yield missing_value(Location(name, line), sandbox, values, missing)


def _is_unpredictable(tree: nodes.Template) -> bool:
    """Whether only rendering tells what is evaluated, or what `values` is."""
    imported = {node.target for node in tree.find_all(nodes.Import)}
    assigned = any(
        n.name == "values" and n.ctx != "load" for n in tree.find_all(nodes.Name)
    )  # an argument of a macro, too
    return assigned or "values" in imported or tree.find(nodes.Extends) is not None


def _lookups(
    node: nodes.Node, values: Mapping[str, Any], scope: _Scope, *, strict: bool
) -> Iterator[tuple[int, Path, bool]]:
    """Line and path of each value that is always looked up, and whether an undefined value is an error there."""
    root, steps = _chain(node)
    if steps and root in scope:
        for base in scope[root]:
            yield node.lineno, (*base, *steps), strict
        return
    for child, child_strict in _evaluated(node):
        yield from _lookups(child, values, scope, strict=child_strict)
    if isinstance(node, nodes.For) and (bound := _loop_scope(node, values, scope)):
        for child in node.body:
            yield from _lookups(child, values, {**scope, **bound}, strict=False)


def _loop_scope(node: nodes.For, values: Mapping[str, Any], scope: _Scope) -> _Scope:
    """The paths that the variable of a loop stands for; {} when they are not known, or when there are none."""
    iterated: Any = node.iter
    target, method = node.target, ""
    if isinstance(iterated, nodes.Call) and isinstance(iterated.node, nodes.Getattr):
        iterated, method = iterated.node.node, iterated.node.attr
    elif isinstance(iterated, nodes.Filter) and iterated.name == "dictsort" and iterated.node:
        iterated, method = iterated.node, "items"
    if method == "items" and isinstance(target, nodes.Tuple):
        target = target.items[-1]
    root, steps = _chain(iterated)
    if node.test is not None or not isinstance(target, nodes.Name) or root not in scope:
        return {}
    names = (name for child in node.body for name in child.find_all(nodes.Name))
    if any(name.name == target.name and name.ctx != "load" for name in names):
        return {}
    collections = ((*base, *steps) for base in scope[root])
    paths = tuple(
        (*path, key) for path in collections for key in _loop_keys(at(values, path), method)
    )
    return {target.name: paths} if paths else {}


def _loop_keys(collection: Any, method: str) -> Iterable[str | int]:
    """The keys of the elements that a loop visits."""
    if isinstance(collection, dict) and method in ("items", "values") and method not in collection:
        return collection
    return range(len(collection)) if isinstance(collection, list) and not method else ()


def _evaluated(node: nodes.Node) -> Iterator[tuple[nodes.Node, bool]]:
    """The children that are always evaluated, and whether an undefined value is an error in them."""
    fields = next((_EVALUATED[kind] for kind in type(node).__mro__ if kind in _EVALUATED), ())
    lenient = isinstance(node, nodes.Filter) and node.name in ("default", "d")
    for field, strict in fields:
        value = getattr(node, field)
        for child in value if isinstance(value, list) else [value] if value else []:
            yield child, strict and not lenient


def _chain(node: nodes.Node) -> tuple[str, Path]:
    """`values.a["b"]` as "values" and ("a", "b"); "" and () for anything that is not constant."""
    steps: list[str] = []
    while not isinstance(node, nodes.Name):
        if isinstance(node, nodes.Getattr):
            steps.append(node.attr)
        elif (
            isinstance(node, nodes.Getitem)
            and isinstance(node.arg, nodes.Const)
            and isinstance(node.arg.value, str)
        ):
            steps.append(node.arg.value)
        else:
            return "", ()
        node = node.node
    return node.name, tuple(reversed(steps))


def _missing_part(path: Path, values: Any) -> Path:
    """The path up to its first missing key; () when all keys exist, or when it is not certain."""
    for count, step in enumerate(path, start=1):
        if isinstance(values, dict) and step not in values:
            return () if hasattr(TrackedMapping, str(step)) else path[:count]
        values = at(values, (step,))
    return ()
