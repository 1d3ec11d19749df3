"""What an object may be called, and where it may stand."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reconciler.model.document import Json
from reconciler.model.environment import Environment
from reconciler.text.suggest import did_you_mean, one_of

# RFC 1123 subdomain, as the API server checks names of custom resources.
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_NAME_LENGTH = 253
_SHOWN = 63
_UNSHOWN = re.compile(r"[^A-Za-z0-9._-]|\A\.+\Z")


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why something cannot be, and what to write."""

    code: str
    message: str
    hint: str = ""


def wrong_name(name: Json) -> Wrong | None:
    """Why an object cannot be called that; None when it can."""
    if name is None:
        return Wrong("M004", "`metadata.name` is missing", "name the object")
    if not isinstance(name, str):
        return Wrong("M005", "a name must be text", "quote it")
    if len(name) > _NAME_LENGTH:
        return Wrong("M005", f"a name has at most {_NAME_LENGTH} characters")
    if not _NAME.fullmatch(name):
        message = "a name has lower case letters, digits, `-` and `.`, the last two only inside"
        fixed = _fixed(name)
        return Wrong("M005", message, f"did you mean {fixed}?" if fixed else "")
    return None


def wrong_namespace(namespace: Json, environment: Environment) -> Wrong | None:
    """Why an object of an environment cannot stand there; None when it can."""
    allowed = environment.namespaces
    if namespace in (None, ""):
        hint = f"the environment may write to {one_of(allowed)}"
        return Wrong("M006", "`metadata.namespace` is missing", hint)
    if not isinstance(namespace, str):
        return Wrong("M006", "a namespace must be text", "quote it")
    if allowed and namespace not in allowed:
        message = f"the environment may not write to the namespace {_plain(namespace)}"
        hint = f"add it to `namespaces` in {environment.file}"
        return Wrong("M007", message, did_you_mean(namespace, allowed) or hint)
    return None


def shown(name: Json) -> str:
    """A name in a report, be it fit or not: nothing in it can be more than a part of a line, or of a path."""
    if not isinstance(name, str):
        return ""
    return _UNSHOWN.sub("?", name if len(name) <= _NAME_LENGTH else f"{name[:_SHOWN]}...")


def _fixed(name: str) -> str:
    fixed = re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.")
    return fixed if _NAME.fullmatch(fixed) and len(fixed) <= _NAME_LENGTH else ""


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text[:_SHOWN])
