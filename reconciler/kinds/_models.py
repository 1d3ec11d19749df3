"""The vendor of a model by its name, where the name leaves no doubt."""

from __future__ import annotations

import re
from typing import Final

_NAMES: Final = (
    ("anthropic", re.compile(r"claude-.+")),
    # gpt-oss has open weights: many serve it.
    ("openai", re.compile(r"gpt-(?!oss).+|chatgpt-.+|o[134](-.+)?")),
    ("google", re.compile(r"gemini-.+")),
)


def vendor_of(model: str) -> str:
    """`anthropic`, `openai` or `google`, whose own endpoint is the only one of a vendor that serves it; else ""."""
    return next((vendor for vendor, name in _NAMES if name.fullmatch(model)), "")
