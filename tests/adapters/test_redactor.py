"""A registered value is redacted in every encoding, alone and inside a longer text."""

from __future__ import annotations

import base64
import html
import json
import threading
import urllib.parse
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.adapters.redactor import MARK, SecretRedactor

CANARY = b'sk-\xc3\xa9"<q>&/+~ %s\\canary-7f3a9'

ENCODERS: dict[str, Callable[[bytes], str]] = {
    "raw": lambda value: value.decode(),
    "json": lambda value: json.dumps(value.decode())[1:-1],
    "json, not ascii": lambda value: json.dumps(value.decode(), ensure_ascii=False)[1:-1],
    "json of Go": lambda value: json.dumps(value.decode(), ensure_ascii=False)[1:-1]
    .replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"),
    "json of PHP": lambda value: json.dumps(value.decode())[1:-1].replace("/", "\\/"),
    "json in json": lambda value: json.dumps(json.dumps(value.decode())[1:-1])[1:-1],
    "html": lambda value: html.escape(value.decode()),
    "repr of text": lambda value: repr(value.decode())[1:-1],
    "repr of bytes": lambda value: repr(value)[2:-1],
    "hex": lambda value: value.hex(),
    "HEX": lambda value: value.hex().upper(),
    "url": lambda value: urllib.parse.quote(value, safe=""),
    "url, lower case": lambda value: urllib.parse.quote(value, safe="").replace("%C3%A9", "%c3%a9")
    .replace("%3C", "%3c").replace("%3E", "%3e").replace("%2F", "%2f").replace("%2B", "%2b")
    .replace("%5C", "%5c"),
    "form": urllib.parse.quote_plus,
    "base64": lambda value: base64.b64encode(value).decode(),
    "base64url": lambda value: base64.urlsafe_b64encode(value).decode(),
    "latin-1": lambda value: value.decode("latin-1"),
}  # fmt: skip


def redactor_of(*values: bytes) -> SecretRedactor:
    redactor = SecretRedactor()
    for value in values:
        redactor.register(value)
    return redactor


@pytest.mark.parametrize("name", ENCODERS)
def test_every_encoding_is_redacted_in_a_text(name: str) -> None:
    redactor = redactor_of(CANARY)
    text = f"before {ENCODERS[name](CANARY)} after"
    assert redactor.leaks(text)
    assert redactor.clean(text).startswith("before (redacted)")
    assert redactor.clean(text).endswith(" after")


@given(
    st.binary(min_size=8, max_size=40),
    st.binary(max_size=7),
    st.binary(max_size=7),
    st.sampled_from([base64.b64encode, base64.urlsafe_b64encode]),
)
def test_base64_is_detected_at_every_alignment(
    value: bytes, before: bytes, after: bytes, encode: Callable[[bytes], bytes]
) -> None:
    assert redactor_of(value).leaks(encode(before + value + after).decode())


@given(st.binary(min_size=8, max_size=40))
def test_a_cleaned_text_does_not_leak(value: bytes) -> None:
    redactor = redactor_of(value)
    for encode in (repr, bytes.hex, lambda v: base64.b64encode(v).decode()):
        text = f"a {encode(value)} b"
        assert redactor.clean(text) != text
        assert not redactor.leaks(redactor.clean(text))


def test_single_lines_and_stripped_values_are_redacted() -> None:
    redactor = redactor_of(b"  first-line-secret \nsecond-line-secret\n")
    assert redactor.clean("x first-line-secret y") == f"x {MARK} y"
    assert redactor.clean("second-line-secret") == MARK


def test_pem_boundaries_stay_readable_but_not_the_key() -> None:
    redactor = redactor_of(
        b"-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----\n"
    )
    assert redactor.clean("-----BEGIN PRIVATE KEY-----") == "-----BEGIN PRIVATE KEY-----"
    assert redactor.leaks("MIIEvQIBADANBgkq")


def test_short_values_are_masked_only_where_a_value_can_stand() -> None:
    redactor = redactor_of(b"", b"hunter", b"1234567")
    assert redactor.clean("hunter 1234567") == "hunter 1234567"
    assert redactor.clean("hunter") == MARK
    assert redactor.clean('"hunter" `1234567` \\"hunter\\"') == f'"{MARK}" `{MARK}` \\"{MARK}\\"'
    assert redactor.clean("password=hunter, pin: 1234567") == f"password={MARK}, pin: {MARK}"
    assert redactor.clean("hunters=1 x=hunters") == "hunters=1 x=hunters"
    assert redactor.clean("in base64: MTIzNDU2Nw==") == f"in base64: {MARK}=="
    assert not redactor.leaks("hunter 1234567")


@pytest.mark.parametrize(
    "word", ["configured", "unchanged", "llm-system", "us-east-1", "claude-haiku-4-5"]
)
def test_an_ordinary_word_is_masked_in_what_others_wrote_and_stays_in_names(word: str) -> None:
    redactor = redactor_of(word.encode())
    assert redactor.clean(f"it is {word} now") == f"it is {MARK} now"
    assert redactor.clean_name(f"1 {word}") == f"1 {word}"
    assert not redactor.leaks(f"1 {word}")


def test_an_encoded_ordinary_word_is_no_word() -> None:
    redactor = redactor_of(b"configured")
    assert redactor.leaks(base64.b64encode(b"configured").decode())
    assert redactor.clean_name(b"configured".hex()) == MARK


def test_what_is_inside_a_value_is_masked() -> None:
    redactor = redactor_of(
        b'{"client_secret": "x9", "refresh_token": "1//refresh-7f3a9", "type": "authorized_user"}'
    )
    assert redactor.clean('refused "x9" and 1//refresh-7f3a9, authorized_user') == (
        f'refused "{MARK}" and {MARK}, authorized_user'
    )


def test_overlapping_values_leave_no_tail() -> None:
    redactor = redactor_of(b"abcdefghij", b"fghijklmnop")
    assert redactor.clean("<abcdefghijklmnop>") == f"<{MARK}>"


def test_of_two_values_with_the_same_prefix_the_longer_is_redacted() -> None:
    redactor = redactor_of(b"sk-prefix-1", b"sk-prefix-1-and-more")
    assert redactor.clean("sk-prefix-1-and-more!") == f"{MARK}!"


def test_adjacent_values_are_two() -> None:
    assert redactor_of(b"abcdefgh").clean("abcdefghabcdefgh.") == f"{MARK}{MARK}."


def test_many_values_in_a_long_text() -> None:
    redactor = redactor_of(*(f"sk-generated-{number:05}-value".encode() for number in range(1000)))
    text = "nothing to see here, sk-generated-99999-value is not one of them\n" * 16_000
    assert redactor.clean(text) == text
    assert redactor.clean(text + "sk-generated-00777-value") == text + MARK


def test_registering_while_other_threads_clean() -> None:
    redactor = SecretRedactor()
    threads = [
        threading.Thread(target=redactor.register, args=(f"sk-thread-{number}x7K2-value".encode(),))
        for number in range(50)
    ]
    for thread in threads:
        thread.start()
        redactor.clean("sk-thread-x " * 100)
    for thread in threads:
        thread.join()
    assert all(redactor.leaks(f"sk-thread-{number}x7K2-value") for number in range(50))
