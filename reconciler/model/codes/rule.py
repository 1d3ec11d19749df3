"""A rule behind a finding's code: its title for lists, and the texts that `reconciler explain` prints."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule behind a code.

    Attributes:
        title: what a finding with this code is about, in a few words.
        why: why the rule exists: how an operator, a server or a library behaves, and since when.
        wrong: a short example that violates the rule; "" if no text can show it.
        right: the same example, corrected; "" if no text can show it.
        final: whether neither a policy nor a comment can change the severity: the text, the template or the object is
            unusable.
    """

    title: str
    why: str = ""
    wrong: str = ""
    right: str = ""
    final: bool = False


def register(*tables: Mapping[str, Rule]) -> dict[str, Rule]:
    """All rules of several tables.

    Raises:
        ValueError: two tables have the same code.
        TypeError: the value of a code is not a `Rule`.
    """
    merged: dict[str, Rule] = {}
    for table in tables:
        for code, rule in table.items():
            if code in merged:
                raise ValueError(f"the code {code} is registered twice")
            if not isinstance(rule, Rule):  # the table of a new kind may come without type checks
                raise TypeError(f"the code {code} has no Rule, but {type(rule).__name__}")
            merged[code] = rule
    return merged
