"""What others wrote is masked by its shape and its place, and what people need to read stays readable."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.text import foreign, inner_values, keylike, printable
from reconciler.text.foreign import MARK, masked_text, masked_value
from reconciler.text.keylike import is_ordinary
from tests.text.canaries import ALL, leaked
from tests.text.test_credentials import NAMES, test_every_pattern_is_linear

CARRIERS = (
    "{}",
    "the value {} is wrong",
    'got "{}"',
    "x={}",
    "a: {}",
    "[{}]",
    '{{"a": "{}"}}',
    "é{}\n",
)

# In a text: the secret part of it, which must go.
HIDDEN = {
    "Authorization: Bearer sk-litellm-abc123": "sk-litellm",
    "upstream said: 401 for Bearer configured": "configured",
    "Bearer  'quoted'": "quoted",
    "Basic dXNlcjpwdw==": "dXNlcjpwdw",
    "Proxy-Authorization: Basic Zm9v": "Zm9v",
    "the key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY is not valid": "wJalrXUt",
    "token x7Kp2mQ9vL4nR8tW1zB5 rejected": "x7Kp2mQ9",
    "no such key: 9f86d081884c7d659a2feaa0c55ad015": "9f86d081",
    "gw-canary-19c7e5a2f06b4d83": "19c7e5a2",
    "password=hunter2": "hunter2",
    "password: 'correct horse'": "horse",
    "token: abc123def": "abc123",
    "x-api-key: abc123": "abc123",
    "export OPENAI_API_KEY=abc": "=abc",
    "--pass=hunter2": "hunter2",
    "Authorization: token abc123def456": "abc123",
    '"Authorization": "ApiKey Hunter2"': "Hunter2",
    "Cookie: session=abc; theme=dark": "abc",
    '{"client_secret": "a b c"}': "a b c",
    '{"client_secret": "a\\"b c"}': "b c",
    '{\\"refresh_token\\":\\"zz9\\"}': "zz9",
    '"private_key_id": "9fceb02d0ae598e95dc970b74767f19372d61af8"': "9fceb02d",
    'spec.apiKey: Invalid value: "hunter2": too short': "hunter2",
    "sk-1234 is the master key": "1234",
    "glpat-abcDEF123": "abcDEF",
    "xoxb-123-456-abc": "456",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----": "MIIB",
    "-----BEGIN PRIVATE KEY-----\nMIIB": "MIIB",
    "https://user:pw@llm.example.com/v1": "pw",
    "https://llm.example.com/v1?client_secret=zz1&a=b": "zz1",
    "https://llm.example.com/v1?sig=zz1": "zz1",
}  # fmt: skip

READABLE = """\
sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
ghcr.io/acme/gateway@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
metadata.uid: Invalid value: "f81d4fae-7dec-11d0-a765-00a0c91e6bf6": uid mismatch
hs1:5cd705ec:1afd502f88a46945 -> hs1:5cd705ec:010a6474198f0cd5
9fceb02d0ae598e95dc970b74767f19372d61af8
resourceVersion 123456789012345678901234
claude-opus-4-5-20250929
us.anthropic.claude-sonnet-4-5-20250929-v1:0
arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3d4e5f6
arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.anthropic.claude-v1:0
arn:aws:iam::123456789012:role/BedrockInvokeRoleForAgents2
meta-llama/Llama-3.3-70B-Instruct
mistralai/Mixtral-8x7B-Instruct-v0.1
Qwen/Qwen2.5-VL-72B-Instruct-AWQ
nvidia/Llama-3_1-Nemotron-Ultra-253B-v1
gpt-4o-realtime-preview-2024-12-17
ft:gpt-4o-mini-2024-07-18:acme:support:9ZxY3abC
projects/my-proj-123/locations/us-central1/publishers/google/models/gemini-2.5-pro
accounts/fireworks/models/llama-v3p1-405b-instruct
/var/lib/kubelet/pods/f81d4fae-7dec-11d0-a765-00a0c91e6bf6/volumes/kubernetes.io~projected/token
/tmp/pytest-of-root/pytest-12/test_a_first_apply0/config/environments/prod/values.yaml:12:3
gateway-7d9f8b6c5d-x2k4q
fv-az1234-567/4711/5cd705ec-1afd502f holds the lock llm-system/provider-reconciler-prod
https://a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6-1234567890.eu-west-1.elb.amazonaws.com/v1
https://example-prod-eu.openai.azure.com/openai/deployments/gpt-5-mini?api-version=2024-02-01
llm-gateway.platform.svc.cluster.local:8000
applyset-8Xz1mQ9vL4nR8tW1zB5x7Kp2mQ9vL4nR8tW1zB5x7Kp-v1
metadata.annotations["external-secrets.io/refresh-time"]
FieldManagerConflict CustomResourceValidationExpression HTTPSProxyForAPIServer
2026-07-24T02:14:00.123456Z
Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using agent.flokoa.ai/v1alpha1: .spec.a
ModelProvider.agent.flokoa.ai "gateway" is invalid: spec.openai.baseURL: Invalid value:  "x": should match '^https?://.+'
secrets "gateway" is forbidden: User "system:serviceaccount:llm:reconciler-review" cannot get resource "secrets"
spec.credential.secretRef.key: Required value
the secret: not found; token: expired; Authorization: header is missing
Secret "openai" has no key "OPENAI_API_KEY"
spec.maxTokens: 4096, maxTokens=4096, apiKeySecretRef: openai-credentials
Bearer token is missing; Basic authentication is off
ip-10-0-12-34.eu-central-1.compute.internal
gke-prod-eu-default-pool-1a2b3c4d-x9zk
EuropeWest4ClaudeSonnetTeamA
sk-learn-models-eu-central-1-production
x509: certificate signed by unknown authority
""".splitlines()  # fmt: skip


@pytest.mark.parametrize(("family", "key"), ALL)
def test_no_part_of_a_key_stays(family: str, key: str) -> None:
    for carrier in CARRIERS:
        assert leaked(key, masked_text(carrier.format(key))) == "", (family, carrier)


@pytest.mark.parametrize("text", HIDDEN)
def test_the_place_decides(text: str) -> None:
    result = masked_text(text)
    assert HIDDEN[text] not in result
    assert MARK in result


@pytest.mark.parametrize(
    "text", [*READABLE, *(name for name in NAMES if "BEGIN" not in name and "sk-" not in name)]
)
def test_what_people_need_to_read_stays(text: str) -> None:
    assert masked_text(text) == text


@pytest.mark.parametrize("text", [*HIDDEN, *READABLE, *(key for _, key in ALL)])
def test_masking_again_changes_nothing(text: str) -> None:
    assert masked_text(masked_text(text)) == masked_text(text)


@given(st.text(alphabet="ab1 :=\"'\\-_./{}Bearer token\n", max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    assert masked_text(masked_text(text)) == masked_text(text)


def test_the_text_around_a_secret_stays() -> None:
    text = 'webhook "w" denied it: token=abc, host https://u:p@llm.example.com/v1 said no'
    assert masked_text(text) == (
        'webhook "w" denied it: token=(redacted), host https://(redacted)@llm.example.com/v1 said no'
    )


def test_a_value_is_masked_by_the_name_of_its_field() -> None:
    value = {
        "model": "gpt-5",
        "apiKey": "hunter2",
        "secretRef": {"name": "openai", "key": "api-key"},
    }
    assert masked_value(value) == value | {"apiKey": MARK}
    assert masked_value({"token": {"a": ["b", 1, ""]}}) == {"token": {"a": ["b", 1, ""]}}
    assert masked_value("hunter2", "vault.io/token") == MARK
    assert masked_value(
        {"headers": {"X": "y"}}, "kubectl.kubernetes.io/last-applied-configuration"
    ) == {"headers": {"X": "y"}}
    assert (
        masked_value(json.dumps({"X": "y"}), "kubectl.kubernetes.io/last-applied-configuration")
        == MARK
    )


@pytest.mark.parametrize(
    "text", ["configured", "llm-system", "us-east-1", "gpt-5-mini", "https://api.openai.com/v1", "12345678", "OpenAI"]
)  # fmt: skip
def test_an_ordinary_word(text: str) -> None:
    assert is_ordinary(text)


@pytest.mark.parametrize(
    "text",
    ["--------", "hunter2hunter2", "MIIEvQIBADANBgkq", "abc!defgh", "9f86d081884c", "pässword"],
)
def test_no_ordinary_word(text: str) -> None:
    assert not is_ordinary(text)


_PATTERNS = [
    pattern
    for module in (foreign, inner_values, keylike, printable)
    for pattern in vars(module).values()
    if isinstance(pattern, re.Pattern)
]


@pytest.mark.parametrize("pattern", _PATTERNS, ids=lambda p: p.pattern[:30])
def test_patterns_are_linear(pattern: re.Pattern[str]) -> None:
    test_every_pattern_is_linear(pattern)
