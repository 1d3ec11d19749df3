"""A base URL at the top of a spec, moved into a provider block: that of OpenAI, the usual one for gateways."""

from __future__ import annotations

from reconciler.kinds.flokoa_modelprovider.spec import BLOCKS
from reconciler.model.document import JsonObject, dig_map
from reconciler.model.path import FieldPath

_SPELLINGS = ("baseURL", "baseUrl")


def replacement(body: JsonObject, path: FieldPath) -> JsonObject | None:
    """The block of the spec with `spec.baseURL` in it; the block of OpenAI where the spec has none."""
    spec = dig_map(body, "spec")
    blocks = [name for name in BLOCKS if name in spec] or ["openai"]
    if len(path) != len(("spec", "baseURL")) or path[-1] not in _SPELLINGS or len(blocks) > 1:
        return None
    block = dig_map(spec, blocks[0])
    if blocks[0] not in ("openai", "anthropic") or "baseURL" in block:
        return None
    return {blocks[0]: {**block, "baseURL": spec[str(path[-1])]}}
