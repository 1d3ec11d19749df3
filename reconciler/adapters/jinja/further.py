"""What else a template that failed asks for in vain: Jinja stops at the first name that is not there.

Only what is certain is told: constant chains such as `values.a.b`, where every rendering comes by once the rest is
mended (in no branch, loop or macro), and where an undefined value fails (not in `default`, `is defined`, `set`, an
argument). They are looked up in the values, without any rendering.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import nodes
from jinja2.parser import Parser

from reconciler.adapters.jinja.failures import Failure, member_failure
from reconciler.adapters.jinja.sandbox import Sandbox
from reconciler.adapters.jinja.values import Keyed
from reconciler.adapters.jinja.woven import Place

_Chain = tuple[str, ...]
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
    """The other keys of the values that a template needs and that are not there, each at its first line."""
    tree = Parser(sandbox, sandbox.source(name), name, None).parse()
    if _is_beyond(tree):
        return
    told = {(*first.place[:2], *first.wanted)}
    for node, chain, strict in _certain(tree, strict=False):
        missing = _missing(chain, values)
        if missing is None or not (strict or missing < len(chain) - 1):
            continue
        wanted = chain[: missing + 1]
        if (name, node.lineno, *wanted) not in told:
            told.add((name, node.lineno, *wanted))
            yield member_failure(Place(name, node.lineno, 0), sandbox, values, wanted)


def _is_beyond(tree: nodes.Template) -> bool:
    """Whether nobody knows what is rendered, or what `values` is, without rendering."""
    imported = {node.target for node in tree.find_all(nodes.Import)}
    stored = any(
        n.name == "values" and n.ctx != "load" for n in tree.find_all(nodes.Name)
    )  # a macro's argument, too
    return stored or "values" in imported or tree.find(nodes.Extends) is not None


def _certain(node: nodes.Node, *, strict: bool) -> Iterator[tuple[nodes.Expr, _Chain, bool]]:
    """Chains that are evaluated in any case; `strict` where an undefined value fails."""
    chain = _chain(node)
    if chain and isinstance(node, nodes.Expr):
        yield node, chain, strict
        return
    for child, fails in _evaluated(node):
        yield from _certain(child, strict=fails)


def _evaluated(node: nodes.Node) -> Iterator[tuple[nodes.Node, bool]]:
    """What is evaluated in any case with a node, and whether an undefined value fails there."""
    known = next((_EVALUATED[kind] for kind in type(node).__mro__ if kind in _EVALUATED), ())
    for field, fails in known:
        found = getattr(node, field)
        lenient = isinstance(node, nodes.Filter) and node.name in ("default", "d")
        for child in found if isinstance(found, list) else [found] if found else []:
            yield child, fails and not lenient


def _chain(node: nodes.Node) -> _Chain:
    """`values.a["b"]` as ("a", "b"); () for whatever is not constant."""
    steps: list[str] = []
    while not isinstance(node, nodes.Name):
        if isinstance(node, nodes.Getattr):
            steps.append(node.attr)
        elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
            if not isinstance(node.arg.value, str):
                return ()
            steps.append(node.arg.value)
        else:
            return ()
        node = node.node
    return tuple(reversed(steps)) if node.name == "values" else ()


def _missing(chain: _Chain, values: Any) -> int | None:
    """The step of a chain that leads nowhere; None where all lead somewhere, or nobody knows."""
    for count, step in enumerate(chain):
        if not isinstance(values, dict):
            return None
        if step not in values:
            return None if hasattr(Keyed, step) else count
        values = values[step]
    return None
