"""What is known of a rule: its title for lists, and what `reconciler explain` prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule behind a code.

    Attributes:
        title: what a finding of this code is, in a few words.
        why: what happens without the rule: how an operator, a server or a library behaves, and since when.
        wrong: a short example that the rule finds; "" where a text cannot show it.
        right: the same, corrected; "" where a text cannot show it.
        final: whether it stays an error whatever a policy or a comment says: a text, a template or a CRD refuses it.
    """

    title: str
    why: str = ""
    wrong: str = ""
    right: str = ""
    final: bool = False


def register(*tables: Mapping[str, Rule]) -> dict[str, Rule]:
    """All rules of several tables.

    Raises:
        ValueError: two tables claim one code.
        TypeError: what stands behind a code is no `Rule`.
    """
    merged: dict[str, Rule] = {}
    for table in tables:
        for code, rule in table.items():
            if code in merged:
                raise ValueError(f"the code {code} is registered twice")
            if not isinstance(rule, Rule):  # a table may come from a file that nobody type-checks
                raise TypeError(f"the code {code} has no Rule, but {type(rule).__name__}")
            merged[code] = rule
    return merged
