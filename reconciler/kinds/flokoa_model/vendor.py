"""The vendor that a Model names, beside the vendor of its ModelProvider."""

from __future__ import annotations

import re

from reconciler.kind import FieldFinding, ObjectReference
from reconciler.kinds._findings import warning
from reconciler.model.document import JsonObject, dig, dig_map

# The block of a ModelProvider, and the prefixes of the names of its models. Other prefixes, such as azure and gateway,
# are used with the block of another vendor on purpose.
_VENDOR = re.compile(r"(openai|anthropic|google|bedrock)(?:-[a-z-]+)?:.+")
_BLOCKS = ("openai", "anthropic", "google", "bedrock")


def lint_with_target(
    body: JsonObject, _: ObjectReference, provider: JsonObject
) -> tuple[FieldFinding, ...]:
    """A Model whose name has the prefix of a vendor other than that of its ModelProvider."""
    model = dig(body, "spec", "model")
    named = _VENDOR.fullmatch(model) if isinstance(model, str) else None
    spec = dig_map(provider, "spec")
    blocks = [block for block in _BLOCKS if isinstance(spec.get(block), dict)]
    if named is None or len(blocks) != 1 or named[1] == blocks[0]:
        return ()
    return (
        warning(
            "FL048",
            ("model",),
            f"the prefix selects {named[1]}, but agents get the key and the endpoint of {blocks[0]}",
            f"write a model of {blocks[0]}, or refer to a ModelProvider of {named[1]}",
        ),
    )
