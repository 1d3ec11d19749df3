"""Credentials that stand in a text, found by the shape of well-known keys. What they are never leaves this module."""

from __future__ import annotations

import re

# What examples and the operators' own samples write where a key belongs.
_PLACEHOLDERS = (
    "replace-with-real-key",
    "replace-me",
    "replace_me",
    "your-api-key-here",
    "changeme",
)

_RULES = {
    "an Anthropic key": r"\bsk-ant-[a-z0-9]+-[\w-]{40,}",
    "an OpenRouter key": r"\bsk-or-v1-[0-9a-f]{64}\b",
    "an API key": r"\bsk-[A-Za-z0-9_-]{20,}",
    "a Google API key": r"\bAIza[\w-]{35}",
    "an AWS access key id": r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b",
    "an Azure client secret": r"(?:^|[^\w~.-])[\w~.]{3}\dQ~[\w~.-]{31,34}",
    "a Hugging Face token": r"\b(?:hf_|api_org_)[A-Za-z0-9]{34}\b",
    "a Voyage key": r"\bpa-[A-Za-z0-9_-]{40,}",
    "an ElevenLabs key": r"\bsk_[a-f0-9]{48}\b",
    "a Cartesia key": r"\bsk_car_[A-Za-z0-9]{20,}",
    "a Groq key": r"\bgsk_[A-Za-z0-9]{52}\b",
    "an xAI key": r"\bxai-[0-9A-Za-z_]{80}\b",
    "a GitHub token": r"\bgh[pousr]_\w{36}|\bgithub_pat_\w{82}",
    "a private key": r"-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY",
    "a JSON web token": r"\bey[\w-]{17,}\.ey[\w-]{17,}\.",
}
_USERINFO = re.compile(r"://[^/\s@\"]+@")
_COMPILED = tuple((title, re.compile(pattern)) for title, pattern in _RULES.items())


def rule_for(text: str) -> str:
    """What a text seems to hold (`an API key`), "" for none. Texts with a placeholder are examples."""
    folded = text.lower()
    if any(mark in folded for mark in _PLACEHOLDERS):
        return ""
    return next((title for title, pattern in _COMPILED if pattern.search(text)), "")


def masked(text: str) -> str:
    """A text without what looks like a secret, nor the user and password of a URL."""
    text = _USERINFO.sub("://(redacted)@", text)
    for _, pattern in _COMPILED:
        text = pattern.sub("(redacted)", text)
    return text
