"""`explain`: prints the rule behind a code."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

from reconciler.cli.execution.streams import write_out
from reconciler.errors import ExitCode, UsageError
from reconciler.kinds import CODES as KIND_CODES
from reconciler.model.codes import CODES, Rule
from reconciler.model.command import Invocation
from reconciler.text.suggest import did_you_mean

_WIDTH = 100


def explain_code(code: str) -> int:
    """Print one rule, or the title of each.

    Raises:
        UsageError: there is no such code.
    """
    rules = {**CODES, **KIND_CODES}
    lines = _explained(*_rule(rules, code)) if code else _titles(rules)
    write_out("\n".join(lines) + "\n")
    return ExitCode.OK


def _rule(rules: Mapping[str, Rule], code: str) -> tuple[str, Rule]:
    name = code.strip().upper()
    if name in rules:
        return name, rules[name]
    hint = did_you_mean(name, rules) or f"{Invocation().command('explain')} lists all codes"
    shown = "".join(c for c in code if c.isprintable())[:40]
    raise UsageError(f"there is no code `{shown}`", hint=hint)


def _titles(rules: Mapping[str, Rule]) -> Iterator[str]:
    width = max(map(len, rules))
    for code, rule in rules.items():
        yield f"{code:<{width}}  {rule.title}"


def _explained(code: str, rule: Rule) -> Iterator[str]:
    yield f"{code}: {rule.title}"
    for paragraph in filter(None, rule.why.split("\n\n")):
        yield ""
        yield textwrap.fill(" ".join(paragraph.split()), _WIDTH)
    for label, example in (("wrong", rule.wrong), ("right", rule.right)):
        if example.strip():
            yield from ("", f"{label}:", "")
            yield textwrap.indent(textwrap.dedent(example).strip("\n"), "    ")
