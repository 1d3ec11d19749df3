"""Keys of every known family, generated from a fixed seed: none of them is real.

The prefixes are concatenated, so that no secret scanner reports them in this repository.
"""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable

LETTERS, DIGITS = string.ascii_letters, string.digits
ALNUM, HEX = LETTERS + DIGITS, "0123456789abcdef"
WORD = ALNUM + "_-"
_EACH = 14

Draw = Callable[[str, int], str]


def _jwt(draw: Draw) -> str:
    parts = (base64.urlsafe_b64encode(json.dumps({"k": draw(ALNUM, 30)}).encode()) for _ in "12")
    header, payload = (part.decode().rstrip("=") for part in parts)
    return f"{header}.{payload}.{draw(ALNUM, 43)}"


def _service_account(draw: Draw) -> str:
    return json.dumps({"type": "service_account", "private_key_id": draw(HEX, 40)})


FAMILIES: dict[str, Callable[[Draw], str]] = {
    "openai": lambda d: "sk-" + "proj-" + d(ALNUM, 20) + "T3Blbk" + "FJ" + d(ALNUM, 20),
    "sk-generic": lambda d: "sk-" + d(ALNUM, 32),
    "anthropic": lambda d: "sk-ant-" + "api03-" + d(WORD, 93) + "AA",
    "anthropic-admin": lambda d: "sk-ant-" + "admin01-" + d(WORD, 93) + "AA",
    "google": lambda d: "AIza" + "Sy" + d(WORD, 33),
    "gcp-service-account": _service_account,
    "aws-id": lambda d: "AKIA" + d("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16),
    "aws-session-id": lambda d: "ASIA" + d("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16),
    "aws-secret": lambda d: "aws_secret_access_key=" + d(ALNUM + "/+", 40),
    "azure-openai": lambda d: "api-key: " + d(HEX, 32),
    "azure-openai-long": lambda d: d(ALNUM, 52) + "JQQ" + "J99" + d(ALNUM, 26),
    "azure-ad": lambda d: d(ALNUM, 3) + "8Q" + "~" + d(ALNUM + "_.-", 34),
    "azure-storage": lambda d: "Account" + "Key=" + d(ALNUM + "+/", 86) + "==",
    "huggingface": lambda d: "hf_" + d(ALNUM, 34),
    "huggingface-org": lambda d: "api_org_" + d(ALNUM, 34),
    "voyage": lambda d: "pa-" + d(WORD, 43),
    "elevenlabs": lambda d: "sk_" + d(HEX, 48),
    "cartesia": lambda d: "sk_car_" + d(ALNUM, 22),
    "groq": lambda d: "gsk_" + d(ALNUM, 52),
    "xai": lambda d: "xai-" + d(ALNUM + "_", 80),
    "openrouter": lambda d: "sk-or-v1-" + d(HEX, 64),
    "github": lambda d: "ghp_" + d(ALNUM, 36),
    "github-fine": lambda d: "github_pat_" + d(ALNUM + "_", 82),
    "slack-webhook": lambda d: "https://hooks.slack" + ".com/services/" + d(ALNUM, 44),
    "teams-webhook": lambda d: "https://a.webhook.office" + ".com/webhookb2/" + d(ALNUM, 36),
    "discord-webhook": lambda d: "https://discord" + ".com/api/webhooks/12345678/" + d(WORD, 68),
    "pem": lambda d: "-----BEGIN RSA " + "PRIVATE KEY-----" + d(ALNUM + "+/", 64),
    "jwt": _jwt,
    "userinfo": lambda d: f"https://{d(LETTERS, 8)}:{d(ALNUM, 16)}@llm.example.com/v1",
    "query": lambda d: f"https://llm.example.com/v1?api_key={d(ALNUM, 24)}",
    "bearer": lambda d: "Bearer " + d(ALNUM, 32),
    "basic": lambda d: "Basic " + base64.b64encode(f"me:{d(ALNUM, 16)}".encode()).decode(),
}


def keys(family: str) -> list[str]:
    """The keys of a family; the same in every run."""
    source = random.Random(family)

    def draw(alphabet: str, count: int) -> str:
        # Ends with a letter or a digit, because the patterns end at a word boundary.
        return "".join(source.choices(alphabet, k=count - 1)) + source.choice(
            [c for c in alphabet if c.isalnum()]
        )

    return [FAMILIES[family](draw) for _ in range(_EACH)]


ALL = [(family, key) for family in FAMILIES for key in keys(family)]


_CONSTANT_PARTS = (
    "https://llm.example.com/v1?api_key=",
    "@llm.example.com/v1",
    "https://",
    '{"type": "service_account", "private_key_id": "',
)


def leaked(key: str, text: str, window: int = 8) -> str:
    """A part of a key that the text contains, "" for none; constant parts of a key do not count."""
    for part in _CONSTANT_PARTS:
        key = key.replace(part, "\0")
    pieces = (key[start : start + window] for start in range(len(key) - window + 1))
    return next((piece for piece in pieces if piece in text), "")
