"""The secrets inside a secret value: members of JSON, lines of PEM and of env files, parts of URLs, quoted text.

A Secret key often holds a file. A server or an operator quotes a part of it, never all of it.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from reconciler.text.keylike import is_ordinary

# Members of the files of vendors that are no secrets, and that reports must be able to print.
_HARMLESS_NAMES = """
    type project_id quota_project_id client_email auth_uri token_uri auth_provider_x509_cert_url client_x509_cert_url
    universe_domain service_account_impersonation_url audience subject_token_type region location endpoint
    aws_region aws_default_region cloud tenant_id tenantid subscription_id
"""
_HARMLESS = frozenset(_HARMLESS_NAMES.split())
_HARMLESS_WORDS = frozenset({"true", "false", "null", "none", "yes", "no", "on", "off"})
_ASSIGNMENT = re.compile(
    r"(?m)^[ \t]{0,64}(?:export[ \t]{1,8})?([A-Za-z_][\w.-]{0,127})[ \t]{0,8}[:=][ \t]{0,8}([^\n]{1,})"
)
_USER = re.compile(r"://([^/\s@]{1,1024})@")
_PARAMETER = re.compile(r"[?&;][\w.%-]{1,64}=([^&\s\"'#;]{1,})")
_STEP = re.compile(r"/([^/\s?#\"']{16,})")
_SCHEME = re.compile(r"(?i)\b(?:bearer|basic)[ \t]{1,8}([^\s\"',;]{1,})")
_QUOTED = re.compile(r"\"([^\"\n]{1,1024})\"|'([^'\n]{1,1024})'")
_WORD = re.compile(r"[^\s,;|\"']{16,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_BOUNDARIES = ("-----BEGIN ", "-----END ")
_DEPTH = 3  # an env file with a JSON line with a URL
_MOST = 20_000  # texts of one value


def inner_values(value: bytes) -> tuple[str, ...]:
    """The texts inside a value that are secret by themselves, without the value as a whole."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return ()
    texts: dict[str, None] = {}
    for inner in _inside(text, _DEPTH):
        if inner and inner != text and inner.lower() not in _HARMLESS_WORDS:
            texts[inner] = None
            if len(texts) == _MOST:
                break
    return tuple(texts)


def _inside(text: str, depth: int) -> Iterator[str]:
    if not depth:
        return
    for inner in _parts(text):
        stripped = inner.strip()
        yield stripped
        if stripped != text:
            yield from _inside(stripped, depth - 1)


def _parts(text: str) -> Iterator[str]:
    yield text.strip()
    document = _json(text)
    if document is not None:
        yield from _members(document)
        return
    lines = text.splitlines()
    if len(lines) > 1:
        yield from (line for line in lines if not line.strip().startswith(_BOUNDARIES))
    for name, value in _ASSIGNMENT.findall(text):
        if name.lower() not in _HARMLESS:
            yield value.strip().strip("\"'")
    yield from _of_url(text)
    yield from _SCHEME.findall(text)
    yield from (double or single for double, single in _QUOTED.findall(text))
    yield from (word for word in _WORD.findall(text) if not is_ordinary(word))
    yield _decoded(text)


def _members(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _members(child, key)
    elif isinstance(value, list):
        for child in value:
            yield from _members(child, name)
    elif isinstance(value, str) and name.lower() not in _HARMLESS:
        yield value


def _of_url(text: str) -> Iterator[str]:
    if "://" not in text:
        return
    for user in _USER.findall(text):
        name, _, password = user.partition(":")
        yield from (password, unquote(password)) if password else (name, unquote(name))
    for value in _PARAMETER.findall(text):
        yield from (value, unquote(value))
    yield from (step for step in _STEP.findall(text) if not is_ordinary(step))


def _json(text: str) -> Any:
    """The object or list that a text is; None if it is neither."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _decoded(text: str) -> str:
    """What a text encodes in base64, and of `user:password` the password; "" for none."""
    if not _BASE64.fullmatch(text):
        return ""
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        decoded = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    if not decoded.isprintable() and "\n" not in decoded:
        return ""
    name, _, password = decoded.partition(":")
    return password if password and name.isidentifier() else decoded
