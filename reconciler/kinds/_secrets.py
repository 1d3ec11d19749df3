"""References to the key of a Secret: names that no Secret can have, and names that look like the key itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from reconciler.kind import FieldFinding, FieldText
from reconciler.kinds._findings import error, warning
from reconciler.kinds._spec import Block, Text
from reconciler.model.path import FieldPath
from reconciler.semantics.validation.objectmeta import subdomain_messages
from reconciler.text.entropy import is_random

_KEY = re.compile(r"(?!\.$|\.\.)[-._a-zA-Z0-9]{1,253}")  # as Kubernetes validates it
_KEY_HINT = "write letters, digits, dashes, dots and underscores, such as api-key"
_NAME_HINT = "write lower case letters, digits, dashes and dots, such as anthropic-key"
_LEAKED = "write the name instead; if this is an API key, rotate it: git has it now"


class SecretKeyRef(Block):
    """A reference to a key of a Secret. Each kind judges an empty name or key itself."""

    name: Text = None
    key: Text = None

    def impossible_names(self, code: str, path: FieldPath) -> Iterator[FieldFinding]:
        """Names that the CRD accepts and no Secret can have. Not repeated: one could be the API key itself."""
        if self.name and any(subdomain_messages(self.name)):
            hint = _LEAKED if is_random(self.name) else _NAME_HINT
            yield error(code, (*path, "name"), "no Secret can have this name", hint)
        if self.key and not _KEY.fullmatch(self.key):
            hint = _LEAKED if is_random(self.key) else _KEY_HINT
            yield error(code, (*path, "key"), "no Secret can have a key with this name", hint)

    def leaked_keys(self, code: str, path: FieldPath) -> Iterator[FieldFinding]:
        """Names that look random. A name with a generated suffix, as kustomize makes them, has a dash before it."""
        for part, text in (("name", self.name), ("key", self.key)):
            if text and text.isalnum() and is_random(text):
                message = "this looks like an API key, and the name of a Secret or of its key belongs here"
                yield warning(code, (*path, part), message, _LEAKED)


def secret_names(references: Iterable[tuple[FieldPath, SecretKeyRef]]) -> tuple[FieldText, ...]:
    """The names of Secrets, with their fields; the paths of references count from the spec."""
    return tuple(
        FieldText(("spec", *path, "name"), ref.name) for path, ref in references if ref.name
    )
