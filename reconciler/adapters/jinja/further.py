"""What else a template that failed asks for in vain: Jinja stops at the first name that is not there.

Only what is certain is told: constant chains such as `values.a.b`, where every rendering comes by once the rest is
mended (in no branch or macro, in no loop but one over values that are there), and where an undefined value fails (not
in `default`, `is defined`, `set`, an argument). They are looked up in the values, without any rendering.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jinja2 import nodes
from jinja2.parser import Parser

from reconciler.adapters.jinja.failures import Failure, member_failure
from reconciler.adapters.jinja.sandbox import Sandbox
from reconciler.adapters.jinja.values import Keyed
from reconciler.adapters.jinja.woven import Path, Place
from reconciler.model.path import at

_Scope = Mapping[str, tuple[Path, ...]]  # what a name stands for: places in the values

# By kind of a node: what is evaluated in any case, and whether an undefined value fails there.
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


def further(
    sandbox: Sandbox, name: str, values: Mapping[str, Any], first: Failure
) -> Iterator[Failure]:
    """The other keys of the values that a template needs and that are not there, each at its line."""
    tree = Parser(sandbox, sandbox.source(name), name, None).parse()
    if _is_beyond(tree):
        return
    told = {(*first.place[:2], *first.wanted)}
    for line, path, strict in _certain(tree, values, {"values": ((),)}, strict=False):
        wanted = _missing(path, values)
        if not wanted or not (strict or len(wanted) < len(path)):
            continue
        if (name, line, *wanted) not in told:
            told.add((name, line, *wanted))
            yield member_failure(Place(name, line, 0), sandbox, values, wanted)


def _is_beyond(tree: nodes.Template) -> bool:
    """Whether nobody knows what is rendered, or what `values` is, without rendering."""
    imported = {node.target for node in tree.find_all(nodes.Import)}
    stored = any(
        n.name == "values" and n.ctx != "load" for n in tree.find_all(nodes.Name)
    )  # a macro's argument, too
    return stored or "values" in imported or tree.find(nodes.Extends) is not None


def _certain(
    node: nodes.Node, values: Mapping[str, Any], scope: _Scope, *, strict: bool
) -> Iterator[tuple[int, Path, bool]]:
    """Lines and paths of values that are looked up in any case; `strict` where an undefined value fails."""
    root, steps = _chain(node)
    if steps and root in scope:
        for base in scope[root]:
            yield node.lineno, (*base, *steps), strict
        return
    for child, fails in _evaluated(node):
        yield from _certain(child, values, scope, strict=fails)
    if isinstance(node, nodes.For) and (inside := _bound(node, values, scope)):
        for child in node.body:
            yield from _certain(child, values, {**scope, **inside}, strict=False)


def _bound(node: nodes.For, values: Mapping[str, Any], scope: _Scope) -> _Scope:
    """What the variable of a loop stands for; {} where nobody knows, or the loop has nothing to do."""
    over: Any = node.iter
    target, method = node.target, ""
    if isinstance(over, nodes.Call) and isinstance(over.node, nodes.Getattr):
        over, method = over.node.node, over.node.attr
    elif isinstance(over, nodes.Filter) and over.name == "dictsort" and over.node is not None:
        over, method = over.node, "items"
    if method == "items" and isinstance(target, nodes.Tuple):
        target = target.items[-1]
    root, steps = _chain(over)
    if node.test is not None or not isinstance(target, nodes.Name) or root not in scope:
        return {}
    inside = (name for child in node.body for name in child.find_all(nodes.Name))
    if any(name.name == target.name and name.ctx != "load" for name in inside):
        return {}
    wholes = ((*base, *steps) for base in scope[root])
    found = tuple((*path, key) for path in wholes for key in _keys(at(values, path), method))
    return {target.name: found} if found else {}


def _keys(whole: Any, method: str) -> Iterable[str | int]:
    """The keys of the elements that a loop goes through."""
    if isinstance(whole, dict) and method in ("items", "values") and method not in whole:
        return whole
    return range(len(whole)) if isinstance(whole, list) and not method else ()


def _evaluated(node: nodes.Node) -> Iterator[tuple[nodes.Node, bool]]:
    """What is evaluated in any case with a node, and whether an undefined value fails there."""
    known = next((_EVALUATED[kind] for kind in type(node).__mro__ if kind in _EVALUATED), ())
    for field, fails in known:
        found = getattr(node, field)
        lenient = isinstance(node, nodes.Filter) and node.name in ("default", "d")
        for child in found if isinstance(found, list) else [found] if found else []:
            yield child, fails and not lenient


def _chain(node: nodes.Node) -> tuple[str, Path]:
    """`values.a["b"]` as "values" and ("a", "b"); nothing for whatever is not constant."""
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


def _missing(path: Path, values: Any) -> Path:
    """The part of a path that ends with a key that is not there; () where there is none, or nobody knows."""
    for count, step in enumerate(path, start=1):
        if isinstance(values, dict) and step not in values:
            return () if hasattr(Keyed, str(step)) else path[:count]
        values = at(values, (step,))
    return ()
