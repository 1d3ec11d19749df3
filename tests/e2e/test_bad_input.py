"""A user's mistakes, by the installed command: one clear line, where and what to do, the documented exit code."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.world import Ran, World

KUBECONFIG = """\
apiVersion: v1
kind: Config
clusters: [{{name: c, cluster: {{server: "{server}"}}}}]
users: [{{name: u, user: {{token: canary-token-3e91ab}}}}]
contexts: [{{name: here, context: {{cluster: c, user: u}}}}]
current-context: here
"""


@pytest.fixture
def offline(tmp_path: Path) -> World:
    """prod on a folder, with nothing applied."""
    return World.make(tmp_path / "config", "llm", "{type: directory, path: live}")


def kubeconfig(tmp_path: Path, server: str) -> Path:
    path = tmp_path / "kubeconfig"
    path.write_text(KUBECONFIG.format(server=server))
    path.chmod(0o600)
    return path


def says(ran: Ran, *words: str) -> None:
    output = ran.stdout + ran.stderr
    for word in words:
        assert word in output, f"{word!r} is not in:\n{output}"
    assert "canary" not in output


def test_no_repository(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = World(tmp_path / "empty", "llm").run("diff")
    assert ran.code == 2
    says(ran, "no environment", "environments/<name>/", "-C")


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    ran = World(tmp_path / "nowhere", "llm").run("diff", "prod")
    assert ran.code == 9
    says(ran, "nowhere")


def test_an_unknown_environment_gets_a_suggestion(offline: World) -> None:
    ran = offline.run("diff", "prd")
    assert ran.code == 2
    says(ran, "prd", "prod")


def test_an_unknown_key_gets_a_suggestion_and_its_place(offline: World) -> None:
    offline.edit("environments/prod/environment.yaml", "namespaces:", "namespace:")
    ran = offline.run("validate", "prod")
    assert ran.code == 2
    says(ran, "environments/prod/environment.yaml:4", "namespace", "namespaces")


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{% for i in range(10) %}" * 9 + "x" + "{% endfor %}" * 9, ("too long",)),
        ("x: {{ 'a' * 10**9 }}", ("more than a template may hold",)),
        ("x: {{ values.claude.modle }}", ("modle", "model")),
        ("{% include 'templates/bomb.yaml.j2' %}", ("bomb.yaml.j2",)),
        ("a: 1\na: 2\n", ("`a`", "second time", "line 1")),
    ],
)
def test_a_bad_template_is_a_finding_with_its_place(
    offline: World, template: str, words: tuple[str, ...]
) -> None:
    offline.write({"templates/bomb.yaml.j2": template})
    ran = offline.run("apply", "prod")
    assert ran.code == 3, ran.stdout + ran.stderr
    says(ran, "templates/bomb.yaml.j2:", *words)
    assert not (offline.root / "live").exists(), "nothing is written on bad input"


def test_two_manifests_with_one_identity_name_both_places(offline: World) -> None:
    text = (offline.root / "templates/claude.yaml.j2").read_text()
    offline.write({"templates/twice.yaml.j2": text})
    ran = offline.run("validate", "prod")
    assert ran.code == 3
    says(ran, "templates/claude.yaml.j2:", "templates/twice.yaml.j2:")


def test_all_findings_come_at_once(offline: World) -> None:
    offline.edit("templates/claude.yaml.j2", "type: claude", "type: claudius")
    offline.edit("templates/gateway.yaml.j2", "openai:", "openia:")
    ran = offline.run("validate", "prod")
    assert ran.code == 3
    says(ran, "templates/claude.yaml.j2:6", "templates/gateway.yaml.j2:9", "did you mean")


def test_an_unknown_context_lists_those_there_are(offline: World, tmp_path: Path) -> None:
    config = kubeconfig(tmp_path, "https://127.0.0.1:1")
    ran = offline.run("diff", "prod", "--context", "hre", kubeconfig=config)
    assert ran.code == 2
    says(ran, "hre", "here")


def test_an_unreachable_server(offline: World, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = kubeconfig(tmp_path, f"https://127.0.0.1:{port}")
    ran = offline.run("diff", "prod", "--timeout", "3", kubeconfig=config)
    assert ran.code == 5
    says(ran, f"127.0.0.1:{port}")


class _Unauthorized(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b'{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Unauthorized","code":401}'
        self.send_response(401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def unauthorized() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Unauthorized)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_expired_token(offline: World, tmp_path: Path, unauthorized: str) -> None:
    ran = offline.run("diff", "prod", kubeconfig=kubeconfig(tmp_path, unauthorized))
    assert ran.code == 5
    says(ran, "401")


def test_apply_without_a_name_asks_for_all(offline: World) -> None:
    ran = offline.run("apply")
    assert ran.code == 2
    says(ran, "--all")


def test_an_unknown_format_gets_a_suggestion(offline: World) -> None:
    ran = offline.run("diff", "prod", "-o", "markdwon")
    assert ran.code == 2
    says(ran, "markdwon", "markdown")


def test_an_unknown_option_is_a_usage_error(offline: World) -> None:
    assert offline.run("diff", "prod", "--token", "x").code == 2


def test_one_environment_that_fails_does_not_stop_another(offline: World) -> None:
    text = (offline.root / "environments/prod/environment.yaml").read_text()
    offline.write({"environments/broken/environment.yaml": text + "nonsense: 1\n"})
    ran = offline.run("validate")
    assert ran.code == 2
    codes = {e["name"]: e["exitCode"] for e in ran.report["environments"]}
    assert codes == {"broken": 2, "prod": 0}
