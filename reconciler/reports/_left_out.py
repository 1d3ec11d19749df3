"""What a run did not look at, in the words of a verdict."""

from __future__ import annotations

from collections import Counter

from reconciler.model.finding import errors_in
from reconciler.model.run import EnvironmentRun
from reconciler.reports._words import count, listed, phrase, word


def noun(subject: str) -> str:
    return word(subject) if subject[:1].isupper() else phrase(subject)


def left_out(environment: EnvironmentRun) -> str:
    """What was not looked at, for the verdict: `1 Secret not checked: no permission`; "" for nothing."""
    numbers = Counter(each.subject for each in environment.unchecked)
    if not numbers:
        return ""
    counted = listed(count(number, noun(subject)) for subject, number in numbers.items())
    reasons = dict.fromkeys(each.reason for each in environment.unchecked)
    return f"{counted} not checked: {listed(map(phrase, reasons))}"


def unselected(environment: EnvironmentRun) -> str:
    """What `--only` left out, for the end of a verdict: `, 9 others not checked (--only)`."""
    if not environment.only or environment.error or errors_in(environment.findings):
        return ""
    left = environment.objects - len(environment.only)
    return f", {count(left, 'other') if left > 0 else 'anything else'} not checked (--only)"
