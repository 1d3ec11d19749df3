"""Which server and whose credentials; nothing of a kubeconfig is ever quoted."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from reconciler.adapters.kubernetes import KubernetesCluster, Pace
from reconciler.adapters.kubernetes.credentials import load
from reconciler.adapters.redactor import SecretRedactor
from reconciler.errors import EnvironmentFileError, ReconcilerError, Unauthenticated, UsageError
from tests.adapters.kubernetes.conftest import TOKEN, Connect, kubeconfig
from tests.adapters.kubernetes.hostile import Hostile, Say
from tests.adapters.kubernetes.objects import THINGS, thing

API = "client.authentication.k8s.io/v1"


def connect(redactor: SecretRedactor | None = None, **options: Any) -> KubernetesCluster:
    return KubernetesCluster.connect(
        redactor=redactor or SecretRedactor(), **{"environ": {}, **options}
    )


def text(error: ReconcilerError) -> str:
    return f"{error!r} {error.hint} {error.where} {error.__cause__!r}"


def test_the_current_context_is_the_default(tmp_path: Path) -> None:
    file = kubeconfig(tmp_path / "k", "https://example.org")
    assert connect(kubeconfig=str(file)).name == "prod-eu"
    assert connect(kubeconfig=str(file), context="prod-us").name == "prod-us"


def test_an_unknown_context_lists_the_known_ones(tmp_path: Path) -> None:
    file = kubeconfig(tmp_path / "k", "https://example.org")
    with pytest.raises(EnvironmentFileError) as caught:
        connect(kubeconfig=str(file), context="prod-euu")
    assert "prod-euu" in caught.value.message
    assert "did you mean prod-eu?" in caught.value.hint
    assert "prod-eu, prod-us" in caught.value.hint


def test_kubeconfig_of_the_environment_merges_and_the_first_counts(tmp_path: Path) -> None:
    first = kubeconfig(tmp_path / "a", "https://first.example.org")
    second = tmp_path / "b"
    content = json.loads(first.read_text())
    content["contexts"].append({"name": "extra", "context": {"cluster": "c", "user": "u"}})
    second.write_text(json.dumps(content))
    second.chmod(0o600)
    environ = {"KUBECONFIG": f"{first}:{tmp_path / 'missing'}:{second}"}
    assert connect(environ=environ, context="extra").name == "extra"


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({}, "there is no kubeconfig"),
        ({"KUBECONFIG": "/nonexistent/file"}, "the kubeconfig /nonexistent/file does not exist"),
    ],
)
def test_without_any_kubeconfig(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], message: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(UsageError, match=message):
        connect(environ=environ)
    with pytest.raises(UsageError, match="not-there does not exist"):
        connect(kubeconfig=str(tmp_path / "not-there"))


def test_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".kube").mkdir()
    kubeconfig(tmp_path / ".kube" / "config", "https://example.org")
    assert connect().name == "prod-eu"


def test_a_pod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    pod = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    assert connect(environ=pod).name == "in-cluster"
    with pytest.raises(EnvironmentFileError, match="prod-eu"):
        connect(environ=pod, context="prod-eu")
    with pytest.raises(UsageError, match="there is no kubeconfig"):
        connect(environ=pod, in_cluster=False)


@pytest.mark.parametrize(
    "server", ["http://example.org", "http://10.0.0.1:6443", "ftp://x", "", "https://u:p@x.org"]
)
def test_servers_that_are_not_asked(tmp_path: Path, server: str) -> None:
    file = kubeconfig(tmp_path / "k", server)
    with pytest.raises(UsageError):
        connect(kubeconfig=str(file))


@pytest.mark.parametrize(
    "server", ["https://example.org/k8s/clusters/c-1", "http://localhost:1", "http://[::1]:1"]
)
def test_servers_that_are(tmp_path: Path, server: str) -> None:
    connect(kubeconfig=str(kubeconfig(tmp_path / "k", server)))


def test_verification_is_turned_off_on_the_command_line_alone(tmp_path: Path) -> None:
    server = "https://example.org"
    file = kubeconfig(tmp_path / "k", server, **{"insecure-skip-tls-verify": True})
    with pytest.raises(UsageError, match="turns off the verification"):
        connect(kubeconfig=str(file))
    cluster = connect(kubeconfig=str(file), insecure_skip_tls_verify=True)
    assert "not verified" in cluster.warnings[0]


@pytest.mark.parametrize(("mode", "warned"), [(0o600, 0), (0o640, 1), (0o644, 1), (0o400, 0)])
def test_a_kubeconfig_that_others_can_read(tmp_path: Path, mode: int, warned: int) -> None:
    file = kubeconfig(tmp_path / "k", "https://example.org")
    file.chmod(mode)
    assert len(connect(kubeconfig=str(file)).warnings) == warned


BROKEN = [
    f"users: [{{name: u, user: {{token: {TOKEN}\n",
    f"{TOKEN}",
    f"- {TOKEN}",
    "",
    f"contexts: {TOKEN}",
    f"clusters: [{{name: c}}]\nusers: [{{user: {{token: {TOKEN}}}}}]\ncontexts: []",
    f"contexts: [{{name: x, context: {{user: u, token: {TOKEN}}}}}]\ncurrent-context: x",
    f"contexts: [{{name: x, context: {{cluster: {TOKEN[:3]}}}}}]\ncurrent-context: x",
]


@pytest.mark.parametrize("content", BROKEN)
def test_what_is_no_kubeconfig_is_not_quoted(tmp_path: Path, content: str) -> None:
    file = tmp_path / "k"
    file.write_text(content)
    with pytest.raises(ReconcilerError) as caught:
        connect(kubeconfig=str(file))
    assert TOKEN not in text(caught.value)


@pytest.mark.parametrize(
    "user",
    [
        {"token": TOKEN, "client-certificate-data": f"{TOKEN}!"},
        {"token": TOKEN, "client-certificate": "/nonexistent/file"},
        {"tokenFile": "/nonexistent/file"},
        {"username": TOKEN, "password": ["not text"]},
    ],
)
def test_credentials_that_cannot_be_loaded_are_not_quoted(
    tmp_path: Path, user: dict[str, Any]
) -> None:
    file = kubeconfig(tmp_path / "k", "https://127.0.0.1:1", user)
    cluster = connect(kubeconfig=str(file), pace=Pace(timeout=1))
    with pytest.raises(ReconcilerError) as caught:
        cluster.get(THINGS, "llm", "one")
    assert TOKEN not in text(caught.value)


@pytest.mark.parametrize(
    "token", ["two\nlines-of-token", "esc\x1b-token-x", "unicode-\u00e9-token"]
)
def test_a_token_that_cannot_be_sent_is_not_quoted(
    server: Hostile, connect: Connect, token: str
) -> None:
    with pytest.raises(Unauthenticated) as caught:
        connect({"token": token}).get(THINGS, "llm", "one")
    assert token not in text(caught.value)
    assert server.requests == []


def test_the_token_is_known_to_the_redactor(
    server: Hostile, connect: Connect, redactor: SecretRedactor
) -> None:
    server.answers(Say(body=thing()))
    connect().get(THINGS, "llm", "one")
    assert redactor.leaks(f"Bearer {TOKEN}")


def test_auth_providers_are_refused(tmp_path: Path) -> None:
    user = {"auth-provider": {"name": "oidc", "config": {"id-token": TOKEN}}}
    file = kubeconfig(tmp_path / "k", "https://example.org", user)
    with pytest.raises(UsageError, match="auth-provider") as caught:
        connect(kubeconfig=str(file))
    assert TOKEN not in text(caught.value)


def plugin(path: Path, script: str) -> dict[str, Any]:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return {"exec": {"apiVersion": API, "command": str(path), "interactiveMode": "Never"}}


def test_an_exec_plugin_gives_a_token(server: Hostile, connect: Connect, tmp_path: Path) -> None:
    credential = {"apiVersion": API, "kind": "ExecCredential", "status": {"token": "from-plugin"}}
    server.answers(Say(body=thing()))
    connect(plugin(tmp_path / "p", f"echo '{json.dumps(credential)}'")).get(THINGS, "llm", "one")
    assert server.requests[0].headers["Authorization"] == "Bearer from-plugin"


@pytest.mark.parametrize(
    "script", ["echo 'please log in' >&2; exit 1", "echo '{}'", "echo nonsense", "exit 0"]
)
def test_an_exec_plugin_that_fails(
    server: Hostile,
    connect: Connect,
    tmp_path: Path,
    script: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    cluster = connect(plugin(tmp_path / "p", script))
    with pytest.raises(Unauthenticated, match="exec plugin"):
        cluster.get(THINGS, "llm", "one")
    assert server.requests == []
    assert capfd.readouterr() == ("", "")  # the client's own log stays silent


def test_environments_that_connect_at_once_load_one_after_the_other(tmp_path: Path) -> None:
    """The client would name the file of an inline certificate to the next thread before it has written it."""
    busy, twice = tmp_path / "busy", tmp_path / "twice"
    user = plugin(
        tmp_path / "plugin",
        f"mkdir {busy} || touch {twice}\nsleep 0.1\nrmdir {busy}\n"
        f"""echo '{{"kind": "ExecCredential", "apiVersion": "{API}", "status": {{"token": "t"}}}}'\n""",
    )
    path = kubeconfig(tmp_path / "kubeconfig", "https://example.org", user)
    with ThreadPoolExecutor(4) as pool:
        loads = [pool.submit(load, str(path), "prod-eu", user, SecretRedactor()) for _ in range(4)]
    # Versions of the client name this key differently.
    assert [[*load.result().api_key.values()] for load in loads] == [["Bearer t"]] * 4
    assert not twice.exists()
