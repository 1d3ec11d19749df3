"""A Secret key may hold a file: every secret in it is a secret by itself."""

from __future__ import annotations

import base64
import json

import pytest

from reconciler.text.inner_values import inner_values

ACCOUNT = {
    "type": "service_account",
    "project_id": "my-project",
    "private_key_id": "9fceb02d0ae5",
    "private_key": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n",
    "nested": [{"refresh_token": "1//zz9"}, {"port": 1}],
}  # fmt: skip
BASIC = base64.b64encode(b"user:correct-horse").decode()

INSIDE: dict[str, tuple[str, ...]] = {
    json.dumps(ACCOUNT): ("9fceb02d0ae5", "MIIEvQIBADANBgkq", "hkiG9w0BAQEFAASC", "1//zz9"),
    "export A_KEY=abc123\nB: 'x y'\n# note\nC=\"q\"\n": ("abc123", "x y", "q"),
    "https://user:pw%40d@llm.example.com/v1?sig=s1g": ("pw%40d", "pw@d", "s1g"),
    "https://t0ken@llm.example.com": ("t0ken",),
    "https://hooks.example.com/services/x7Kp2mQ9vL4nR8tW1zB5": ("x7Kp2mQ9vL4nR8tW1zB5",),
    "Bearer abc123\n": ("Bearer abc123", "abc123"),
    f"Basic {BASIC}": (BASIC, "correct-horse"),
    f'{{"auths": {{"ghcr.io": {{"auth": "{BASIC}"}}}}}}': (BASIC, "correct-horse"),
    'use the key "inner value" here': ("inner value",),
    "first-7f3e91ab02c4d5e6, second-19c7e5a2f06b4d83": ("second-19c7e5a2f06b4d83",),
    "  padded  ": ("padded",),
}


@pytest.mark.parametrize("text", INSIDE)
def test_what_is_inside(text: str) -> None:
    assert set(INSIDE[text]) <= set(inner_values(text.encode()))


def test_what_is_harmless_stays_readable() -> None:
    parts = inner_values(json.dumps(ACCOUNT).encode())
    assert not {"service_account", "my-project"} & set(parts)
    assert "true" not in inner_values(b"a=true\nb=2")
    assert not [
        part
        for part in parts
        if part.startswith("-----BEGIN PRIVATE KEY-----\n") and len(part) < 30
    ]


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"plain",
        b"\xff\xfe",
        b"{broken",
        pytest.param(b"[" * 100_000, marks=pytest.mark.exhausts_stack),
        b"a=" * 1000,
    ],
)
def test_nothing_breaks_it(value: bytes) -> None:
    assert value.decode("latin-1") not in inner_values(value)


def test_a_large_file_is_bounded() -> None:
    lines = "\n".join(f"KEY_{number}=value-{number}" for number in range(50_000))
    assert len(inner_values(lines.encode())) == 20_000
