"""The vendor that a Model names, beside the vendor of its ModelProvider."""

from __future__ import annotations

import re

from reconciler.kind import FieldFinding, ObjectReference
from reconciler.kinds._findings import warning
from reconciler.kinds._models import vendor_of
from reconciler.model.document import JsonObject, dig, dig_map

# The block of a ModelProvider, and the prefixes of the names of its models. Other prefixes, such as azure and gateway,
# are used with the block of another vendor on purpose.
_VENDOR = re.compile(r"(openai|anthropic|google|bedrock)(?:-[a-z-]+)?:(.+)")
_BLOCKS = ("openai", "anthropic", "google", "bedrock")
# Fields of a block that choose another endpoint than the vendor's; both of Google's choose Vertex AI.
_ELSEWHERE = ("baseURL", "project", "serviceAccountKeySecretRef")


def lint_with_target(
    body: JsonObject, _: ObjectReference, provider: JsonObject
) -> tuple[FieldFinding, ...]:
    """A Model whose name has the prefix, or is that, of a vendor other than that of its ModelProvider."""
    model, spec = dig(body, "spec", "model"), dig_map(provider, "spec")
    blocks = [block for block in _BLOCKS if isinstance(spec.get(block), dict)]
    if not isinstance(model, str) or len(blocks) != 1:
        return ()
    block = blocks[0]
    prefixed = _VENDOR.fullmatch(model)
    if prefixed and prefixed[1] != block:
        vendor = prefixed[1]
        message = f"the prefix selects {vendor}, but agents get the key and the endpoint of {block}"
    else:
        vendor = vendor_of(prefixed[2] if prefixed else model)
        message = f"this is a model of {vendor}, and the endpoint of {block} serves only its own"
        is_own = block != "bedrock" and not any(spec[block].get(name) for name in _ELSEWHERE)
        if vendor in ("", block) or not is_own:
            return ()
    hint = f"write a model of {block}, or refer to a ModelProvider of {vendor}"
    return (warning("FL048", ("model",), message, hint),)
