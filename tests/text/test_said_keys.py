"""The word after `key`, `token` and the like is a key, and the sentences about them stay."""

# ruff: noqa: E501 -- messages as they are
from __future__ import annotations

import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.text import said_keys
from reconciler.text.foreign import MARK, masked_text
from reconciler.text.keylike import pattern_of
from tests.text.test_credentials import test_every_pattern_is_linear

# What operators, API servers, clouds and vendors say, and people must read.
READABLE = r"""
unknown key `namspaces`
duplicate key `spec` (first on line 4)
the Secret has no key `apiKey`, and its name is `openai_key`
secret omnia/claude not found
Secret "openai-credentials" not found
Secret "omnia/openai-5f7bd6h8mk" not found
secret openai-k8hbt2c5mf does not exist
secrets "gateway-prod-eu" not found
key api-key is missing in secret llm/openai
key "ANTHROPIC_API_KEY" not found in secret "omnia/anthropic"
couldn't find key api-key in Secret llm/openai
secret llm/openai has no key "tls.crt"; it has api-key, ca.crt
available keys: [api-key ca.crt org-id]
failed to get secret: secrets "openai" is forbidden: User "system:serviceaccount:omnia-system:omnia" cannot get resource "secrets"
references non-existent secret key: api-key
the token expired at 2026-07-24T02:14:00Z
token expired; the token is invalid; the token has been revoked
invalid token for model gpt-5-mini
oauth2: cannot fetch token: 401 Unauthorized
failed to get token: Get "https://oauth2.googleapis.com/token": dial tcp 10.0.0.1:443: i/o timeout
failed to refresh token: open /var/run/secrets/kubernetes.io/serviceaccount/token: no such file or directory
failed to refresh cached credentials, no EC2 IMDS role found
error getting token: x509: certificate signed by unknown authority
Unexpected token < in JSON at position 0
Unexpected token 'o', "not json" is not valid JSON
rate limit reached for gpt-5-mini: limit 30000 tokens per minute, used 29999
This model's maximum context length is 128000 tokens
maximum token count 4096 exceeded
No API key provided; set OPENAI_API_KEY
You didn't provide an API key. You need to provide your API key in an Authorization header
API key not valid. Please pass a valid API key.
Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.
the API key was not provided: create the Secret llm/openai
invalid x-api-key
header x-api-key is missing
missing Authorization header
the Authorization header is not of the form Bearer
Authorization header requires 'Credential' parameter
the password is required; password: incorrect
username and password must be set
unable to retrieve image pull secret regcred
FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed.
MountVolume.SetUp failed for volume "key" : secret "openai-ca" not found
etcdserver: key is not provided
duplicate key "spec.headers.X-Team" already set in map
label key "app.kubernetes.io/managed-by" is reserved
spec.credential.secretRef.key: Invalid value: "": must not be empty
spec.apiKeySecretRef: Required value: openai needs a key
spec.apiKeySecretRef.key: Not found: "api-key"
secretRef.key is deprecated, use credential.secretRef.key
The security token included in the request is invalid
UnrecognizedClientException: The security token included in the request is expired
The AWS Access Key Id you provided does not exist in our records.
The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.
AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value
AADSTS700024: Client assertion is not within its valid time range
Access denied due to invalid subscription key or wrong API endpoint.
metadata.uid: Invalid value: "f81d4fae-7dec-11d0-a765-00a0c91e6bf6": uid mismatch
Precondition failed: UID in precondition: f81d4fae-7dec-11d0-a765-00a0c91e6bf6, UID in object meta:
credential validated: secret omnia/anthropic, key ANTHROPIC_API_KEY
Secret llm/openai [api-key] was rotated
waiting for secret omnia/claude-credentials to be created
key: tls.key, secret: llm/gateway-tls
the key hs1:5cd705ec:1afd502f88a46945 is of another run
request id 3f2504e0-4f89-41d3-9a0c-0305e82c3301, commit 9fceb02d0ae598e95dc970b74767f19372d61af8
""".strip().splitlines()

UID, COMMIT = "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "da39a3ee5e6b4b0d3255bfef95601890afd80709"
SENTENCES = (
    "Incorrect API key provided: {}. You can find it in your account",
    "invalid key {}",
    "key:{}",
    "API key '{}' is expired",
    'header x-api-key "{}" rejected',
    "password is {}",
    "the secret {} was rejected",
    "sent header Authorization {}",
    "X-Token [{}]",
    "reconciler --api-key {} --password {}",
    "token={}, retry",
    'curl -H "api-key: {}"',
)  # fmt: skip
# Without a length: after these no name follows.
VALUES = tuple(
    s
    for s in SENTENCES
    if any(w in s for w in ("provided:", "x-api", "is {}", "-Token", "--", "="))
)


@pytest.mark.parametrize("text", READABLE)
def test_what_people_need_to_read_stays(text: str) -> None:
    assert masked_text(text) == text


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("key", [UID, COMMIT, "83749283749283749283", "a8F3kd92LxQ0zP7m"])
def test_a_key_in_a_sentence_about_it(sentence: str, key: str) -> None:
    result = masked_text(sentence.replace("{}", key))
    assert key not in result
    assert result == sentence.replace("{}", MARK)


@pytest.mark.parametrize("sentence", VALUES)
@pytest.mark.parametrize(
    "key", ["x1", "a-b", "correct-horse-battery-staple", "qzkfjwmvxtpbnhgrdlcy"]
)
def test_a_key_of_any_length_and_form(sentence: str, key: str) -> None:
    assert masked_text(sentence.replace("{}", key)) == sentence.replace("{}", MARK)


@pytest.mark.parametrize(
    ("sentence", "phrase"),
    [
        ("login failed for password {}", "correct-horse-battery-staple"),
        ("the passphrase {} is wrong", "hunter-2"),
        ('{"user": "me", "password": "{}"}', "summer"),
        ('{\\"password\\":\\"{}\\"}', "summer of 69"),
        ('wrong password "{}"', "it's summer"),
        ('wrong password "{}"', "/of summer and of words"),
        ("bad passphrase '{}' for the key of llm/openai", "correct horse battery staple"),
    ],
)
def test_a_password_of_words(sentence: str, phrase: str) -> None:
    assert masked_text(sentence.replace("{}", phrase)) == sentence.replace("{}", MARK)


@given(st.uuids(), st.sampled_from(SENTENCES))
def test_no_uid_is_a_name(uid: uuid.UUID, sentence: str) -> None:
    assert str(uid) not in masked_text(sentence.replace("{}", str(uid)))


def test_a_name_that_the_run_knows_stays() -> None:
    for name in (UID, "preview-b5255588a078076e", "5f7bd6h8mkx2c4w"):
        text = f'secret "{name}" not found'
        assert masked_text(text) != text
        assert masked_text(text, pattern_of([name])) == text
        pair = f"Secret {name}/provider-reconciler-key, of the fingerprints"
        assert masked_text(pair) != pair
        assert masked_text(pair, pattern_of([name])) == pair
        assert "hunter2x9q" not in masked_text(f"password is {name}/hunter2x9q", pattern_of([name]))


@given(
    st.text(alphabet="ab1 :=\"'[]()-/.", max_size=20),
    st.sampled_from(["key", "token", "api-key", "secret", "provided", "is", UID]),
    st.text(alphabet="ab1 :=\"'[]()-/.", max_size=20),
)
def test_masking_again_changes_nothing(before: str, word: str, after: str) -> None:
    once = masked_text(f"{before}{word}{after} token {after}")
    assert masked_text(once) == once


@pytest.mark.parametrize(
    "pattern", [p for p in vars(said_keys).values() if isinstance(p, re.Pattern)]
)
def test_patterns_are_linear(pattern: re.Pattern[str]) -> None:
    test_every_pattern_is_linear(pattern)
