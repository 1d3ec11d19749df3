"""References to the key of a Secret: what no Secret can be called, and what looks like the key itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from reconciler.kind import FieldFinding, Named
from reconciler.kinds._contract import Block, Breach, Text, warning
from reconciler.model.path import FieldPath
from reconciler.semantics.validation.objectmeta import subdomain_messages
from reconciler.text.entropy import is_random

_KEY = re.compile(r"(?!\.$|\.\.)[-._a-zA-Z0-9]{1,253}")  # as Kubernetes has it
_KEY_HINT = "write letters, digits, dashes, dots and underscores, such as api-key"
_NAME_HINT = "write small letters, digits, dashes and dots, such as anthropic-key"
_LEAKED = "write the name of it; a key that was written here is known to git now, so rotate it"


class SecretKeyRef(Block):
    """Where a kind lets a Secret be named. An empty name or key is for the kind to judge."""

    name: Text = None
    key: Text = None

    def breaches_of_form(self, code: str, path: FieldPath) -> Iterator[Breach]:
        """What the cluster takes here, and no Secret can be called. Not repeated: it may be the key itself."""
        if self.name and any(subdomain_messages(self.name)):
            hint = _LEAKED if is_random(self.name) else _NAME_HINT
            yield Breach(code, (*path, "name"), "no Secret can have this name", hint)
        if self.key and not _KEY.fullmatch(self.key):
            hint = _LEAKED if is_random(self.key) else _KEY_HINT
            yield Breach(code, (*path, "key"), "no Secret can have a key of this name", hint)

    def findings(self, code: str, path: FieldPath) -> Iterator[FieldFinding]:
        """What looks drawn, not written. Names with such an end, as kustomize makes them, have a dash before it."""
        for part, text in (("name", self.name), ("key", self.key)):
            if text and text.isalnum() and is_random(text):
                message = "this looks like a key itself, where the name of one belongs"
                yield warning(code, (*path, part), message, _LEAKED)


def named(references: Iterable[tuple[FieldPath, SecretKeyRef]]) -> tuple[Named, ...]:
    """The names of Secrets, with their fields; paths count from the spec."""
    return tuple(Named(("spec", *path, "name"), ref.name) for path, ref in references if ref.name)
