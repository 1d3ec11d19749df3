"""HTTP headers whose values a report may show: they say how a request is made, and never who may make it."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable

from reconciler.text.entropy import is_secret_like

_HARMLESS_NAMES = """
accept accept-encoding accept-language anthropic-beta anthropic-version cache-control content-type http-referer
openai-beta openai-organization openai-project user-agent x-goog-user-project x-title
"""
HARMLESS = frozenset(_HARMLESS_NAMES.split())
# Parts of names of headers that carry a credential, besides those that name one.
_CREDENTIALS = ("auth", "cookie", "key", "session", "signature", "password", "jwt")


def may_be_shown(name: str, globs: Iterable[str]) -> bool:
    """Whether the value of a header may be in a report: it is harmless, or a glob of the policy names it.

    No glob shows a header that is named like a credential.
    """
    folded = name.lower()
    if folded in HARMLESS:
        return True
    if is_secret_like(folded) or any(part in folded for part in _CREDENTIALS):
        return False
    return any(fnmatch.fnmatchcase(folded, glob.lower()) for glob in globs)
