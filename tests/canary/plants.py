"""Secrets that are random, each for one place, and the texts in which that place holds them."""

from __future__ import annotations

import base64
import json
import random
import string
from dataclasses import dataclass, field

_LETTERS = string.ascii_letters + string.digits
# How others write a secret: each of these can be recognized without knowing it.
SHAPES = {
    "bearer": "upstream said 401 for Bearer {}",
    "vendor": "the key sk-" + "litellm-{} is blocked",
    "anthropic": "sk-" + "ant-api03-{}",
    "google": "AIza" + "Sy{}123456789",
    "assigned": "password={}",
    "named": "x-api-key: {}",
    "member": '{{"client_secret": "{}"}}',
    "escaped": '{{\\"refresh_token\\":\\"{}\\"}}',
    "userinfo": "https://user:{}@llm.example.com/v1",
    "query": "https://llm.example.com/v1?sig={}&region=eu",
    "pem": "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----",
    "word": "rejected {} as unknown",
    "basic": "Basic {}",
}
SHORT = {"assigned, short": "token={}", "member, short": '{{"apiKey": "{}"}}'}


@dataclass
class Plants:
    """Every secret that was planted, by its place; `allowed` may be sent to the cluster, because git holds them."""

    secrets: dict[str, str] = field(default_factory=dict)
    allowed: set[str] = field(default_factory=set)

    def secret(self, place: str, length: int = 24, *, in_git: bool = False) -> str:
        """A random secret for a place, the same in every run; it changes its class often, as keys do."""
        source = random.Random(place)
        text = "".join(source.choices(_LETTERS, k=length - 4)) + "x7K2"
        self.secrets[place] = text
        if in_git:
            self.allowed.add(place)
        return text

    def said(self, place: str) -> str:
        """What a program or a person writes there: a secret in every shape."""
        return "; ".join(self.shapes(place).values())

    def shapes(self, place: str) -> dict[str, str]:
        long = {name: form.format(self.secret(f"{place}, {name}")) for name, form in SHAPES.items()}
        short = {
            name: form.format(self.secret(f"{place}, {name}", 7)) for name, form in SHORT.items()
        }
        return long | short

    def files(self, place: str) -> dict[str, str]:
        """Values of a Secret: keys of one line, several lines, and files with secrets inside."""

        def new(name: str, length: int = 24) -> str:
            return self.secret(f"{place}, {name}", length)

        account = {
            "type": "service_account",
            "private_key_id": new("private_key_id", 40),
            "private_key": SHAPES["pem"].format(f"{new('pem 1', 64)}\n{new('pem 2', 64)}") + "\n",
            "nested": {"refresh_token": new("refresh_token")},
        }
        return {
            "plain": new("plain"),
            "short": new("short", 6),
            "lines": f"{new('line 1')}\n  {new('line 2')}  \n",
            "account.json": json.dumps(account, indent=2),
            ".env": f"export A_KEY={new('env 1')}\nB_TOKEN='{new('env 2')}'\n",
            "url": f"https://user:{new('password')}@llm.example.com/v1?sig={new('sig')}",
            "header": f"Bearer {new('bearer')}",
            "docker": json.dumps({"auths": {"ghcr.io": {"auth": _basic(new("docker"))}}}),
            "word": "configured",
            "namespace": "unchanged",
        }  # fmt: skip


def _basic(password: str) -> str:
    return base64.b64encode(f"user:{password}".encode()).decode()
